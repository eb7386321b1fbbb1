/** What is known of an apply once its process has ended, or once nobody can say whether it has. */
export interface ApplyRecord {
  /** The exit code; a signal when it died of one; `missing` when there is no exit record. */
  exit: number | { signal: string } | 'missing';
  /** Somebody asked for it to stop. */
  cancelled: boolean;
  /** Lineage and serial of the live state, asked from the backend before and after. */
  stateBefore: StateReading;
  stateAfter: StateReading;
  /** Terraform left an `errored.tfstate`. */
  erroredState: boolean;
  /** Resources whose change began, as reported by terraform. */
  started: readonly string[];
}

/** `none` when there is no state yet, `unreadable` when the backend did not answer. */
export type StateReading = { lineage: string; serial: string } | 'none' | 'unreadable';

export type ApplyClass = 'succeeded' | 'failed-clean' | 'failed-partial' | 'unknown' | 'aborted';

/**
 * What came of an apply. Only a clean failure may be tried again without a person looking: nothing was started, the
 * state did not move and none was left behind. A kill leaves no such proof, so it is unknown.
 */
export function classifyApply(record: ApplyRecord): { outcome: ApplyClass; reason: string } {
  const { exit } = record;
  if (exit === 'missing') return { outcome: 'unknown', reason: 'there is no exit record of the process' };
  if (typeof exit === 'object' && !(record.cancelled && exit.signal === 'SIGINT'))
    return { outcome: 'unknown', reason: `terraform was ended by ${exit.signal}` };
  if (record.erroredState)
    return { outcome: 'failed-partial', reason: 'the state could not be saved; errored.tfstate is kept' };
  if (exit === 0) return { outcome: 'succeeded', reason: 'terraform applied the plan' };

  const traces = [
    ...(record.started.length > 0 ? [`${record.started.length} resource change(s) had begun`] : []),
    ...stateMove(record.stateBefore, record.stateAfter),
  ];
  const asked = record.cancelled ? 'it was interrupted on command: ' : '';
  if (traces.length > 0) return { outcome: 'failed-partial', reason: `${asked}${traces.join('; ')}` };
  if (record.cancelled) return { outcome: 'aborted', reason: 'cancelled before anything was changed' };
  return { outcome: 'failed-clean', reason: 'terraform failed before anything was changed' };
}

function stateMove(before: StateReading, after: StateReading): string[] {
  if (before === 'unreadable' || after === 'unreadable') return ['the state could not be read'];
  const [from, to] = [before, after].map((state) =>
    state === 'none' ? 'no state' : `serial ${state.serial} of lineage ${state.lineage}`,
  );
  return from === to ? [] : [`the state moved from ${from} to ${to}`];
}
