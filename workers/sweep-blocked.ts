import type { Change } from '#domain/change.ts';
import { ASKED_AGAIN } from '#domain/gates/answer.ts';
import type { Blocked, GateReason } from '#domain/project.ts';
import type { WorkerContext } from './context.ts';
import { type Round, spacing } from './sweep-round.ts';
import { letGoUnheard } from './tell-waiting.ts';

const SWEEP = { kind: 'service', component: 'sweep' } as const;
/** A blocked project is asked about again after this long, though nobody said that anything moved. */
const BLOCKED_LOOK_MS = 5 * 60_000;
/** A merge that was refused often is tried once an hour in the end. */
const MERGE_LOOK_MS = 3_600_000;

/** What waits for something that may have cleared without a word: most gates are told, some are not. */
export async function sweepBlocked(context: WorkerContext, round: Round): Promise<void> {
  const { ledger } = context;
  const now = Date.parse(await ledger.now());
  const changes = await round.openChanges();
  await round.each(
    'blocked',
    changes.map((change) => ({ item: change.id, work: () => lookAgain(change, ledger, now) })),
  );
}

async function lookAgain(change: Change, ledger: WorkerContext['ledger'], now: number): Promise<void> {
  const freed = await letGoUnheard(change, ledger);
  if (freed.length === 0 && !(await isWorthALook(change, ledger, now))) return;
  const told = freed.length === 0 ? { what: 'time passed' } : { what: `${freed.join(', ')} is free`, freed };
  const fact = { type: 'surroundings-changed', source: 'sweep', ...told } as const;
  await ledger.record({ changeId: change.id, fact, actor: SWEEP });
}

async function isWorthALook(change: Change, ledger: WorkerContext['ledger'], now: number): Promise<boolean> {
  if (change.release.status === 'refused') return true;
  if (change.merge.status === 'refused')
    return now - Date.parse(change.merge.at) > spacing(change.merge.tries, MERGE_LOOK_MS);
  const blocked = change.projects.filter((project): project is Blocked => project.status === 'blocked');
  // What could not be seen may be seen now; a plain no seldom turns into a yes by itself.
  if (blocked.some(({ reasons }) => reasons.some((reason) => mayClear(reason, now)))) return true;
  const [first] = blocked;
  if (first === undefined) return false;
  return (
    now - Date.parse((await ledger.evaluatedAt(first.evaluationId)) ?? '1970-01-01T00:00:00Z') >
    BLOCKED_LOOK_MS
  );
}

/**
 * What a check cannot decide from a plan it cannot decide from the same plan later; that it could not be asked may pass. What
 * ends with its time should have been looked at then; this is for the case that it was not.
 */
function mayClear({ answer, gate, remedy, until }: GateReason, now: number): boolean {
  if (until !== undefined && Date.parse(until) <= now) return true;
  return answer === 'unknown' && (gate !== 'checks-passed' || remedy === ASKED_AGAIN);
}
