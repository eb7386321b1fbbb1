import type { Change } from '#domain/change.ts';
import type { FiledCheckpoint } from '#store/audit-tree.ts';
import { factsOf, type Told } from './entries.ts';
import type { Evidence } from './schema.ts';

type After = Evidence['after'];

/** What came of it once it had been applied, and where all of this is proved. */
export function afterOf(
  change: Change,
  entries: readonly Told[],
  checkpoint: FiledCheckpoint | undefined,
): After {
  const compared = factsOf(entries, 'compared-after-merge').at(-1);
  const closed = factsOf(entries, 'ticket-closed').at(-1);
  const merge = mergeOf(change, entries);
  return {
    verifications: factsOf(entries, 'apply-verified').map(({ at, index, payload }) => ({
      project: payload.project,
      attemptId: payload.attemptId,
      result: { ...payload.result },
      at,
      entry: index,
    })),
    ...(merge === undefined ? {} : { merge }),
    ...(compared === undefined ? {} : { differingAfterMerge: [...compared.payload.differing] }),
    ...(closed === undefined
      ? {}
      : { closed: { approvalId: closed.payload.key, at: closed.at, entry: closed.index } }),
    links: [
      { what: 'merge request', url: change.url },
      ...('url' in change.ticket ? [{ what: 'ticket', url: change.ticket.url }] : []),
    ],
    audit: {
      entries: entries.map(({ index }) => index),
      ...(checkpoint === undefined
        ? {}
        : {
            checkpoint: {
              size: checkpoint.size,
              root: Buffer.from(checkpoint.root).toString('hex'),
              at: checkpoint.at.toISOString(),
              note: checkpoint.note,
            },
          }),
    },
  };
}

/** Whoever noticed it first: we who merged it, or a reading of the merge request. */
function mergeOf({ merge }: Change, entries: readonly Told[]): After['merge'] {
  if (merge.status !== 'merged') return undefined;
  const first = entries.find(
    (entry) =>
      entry.type === 'merged' ||
      factsOf([entry], 'merge-request-read').some(({ payload }) => payload.reading.state === 'merged'),
  );
  if (first === undefined) return undefined;
  return { ...(merge.sha === undefined ? {} : { sha: merge.sha }), at: merge.at, entry: first.index };
}
