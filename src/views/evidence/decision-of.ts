import { decisionsIn } from '#domain/desk.ts';
import type { Change, Verdict } from '#domain/change.ts';
import { demandOfAll } from '#domain/demand.ts';
import type { Particulars } from '#domain/particulars.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import { factsOf, type Told, type ToldFact } from './entries.ts';
import type { Evidence } from './schema.ts';

type Decision = Evidence['decision'];
type Pair = Decision['exclusions'][number];

/** What was decided, by what it was decided, and what became of it. */
export function decisionOf(
  change: Change,
  entries: readonly Told[],
  plans: readonly PlanRef[],
  gates: Evidence['gates'],
): Decision {
  const front = entries.findLast(({ payload }) => payload['presenting'] !== undefined);
  const presenting = front?.payload['presenting'] as Particulars['presenting'];
  const approval = approvalOf(change, entries);
  return {
    kind: approval?.kind ?? (verdictsOf(change, entries).length > 0 ? 'decided' : 'none'),
    ...(presenting === undefined || front === undefined
      ? {}
      : {
          tuple: {
            hash: presenting.tupleHash,
            round: presenting.round,
            key: presenting.key,
            content: { ...presenting.tuple },
            entry: front.index,
          },
        }),
    decisions: decisionsOf(change, entries, plans),
    voided: entries.filter(({ type }) => VOIDING.has(type)).map(voidedBy),
    ...(approval?.kind === 'standing' && approval.mandate !== undefined
      ? { mandate: { ...approval.mandate } }
      : {}),
    ...(approval?.kind === 'break-glass' ? { breakGlass: { ...approval.glass } } : {}),
    exclusions: gates.flatMap(({ project, results }) => {
      const found = results.find(({ gate }) => gate === 'four-eyes')?.evidence['pairs'];
      return ((found ?? []) as Omit<Pair, 'project'>[]).map((pair) => ({ ...pair, project }));
    }),
  };
}

const VOIDING: ReadonlySet<string> = new Set(['approval-voided', 'verdict-refused', 'approval-expired']);

function voidedBy({ type, payload, at, index }: Told): Decision['voided'][number] {
  const { why } = payload;
  return { what: type, why: typeof why === 'string' ? why : '', at, entry: index };
}

/** On what the last attempt was claimed. */
function approvalOf(
  { ticket, breakGlass }: Change,
  entries: readonly Told[],
): NonNullable<Particulars['standing']>['approval'] | undefined {
  const claimed = factsOf(entries, 'attempt-claimed').findLast(({ payload }) => payload.standing?.approval);
  if (claimed?.payload.standing?.approval) return claimed.payload.standing.approval;
  if (breakGlass?.status === 'confirmed')
    return { kind: 'break-glass', tupleHash: breakGlass.tupleHash, glass: breakGlass };
  if (ticket.status !== 'open' || ticket.review.status !== 'standing') return undefined;
  const { mandate, tupleHash } = ticket.review;
  return { kind: 'standing', tupleHash, ...(mandate === undefined ? {} : { mandate }) };
}

/** Every approval that counts, or on which something was applied; once each. */
export function verdictsOf({ ticket }: Change, entries: readonly Told[]): Verdict[] {
  const applied = factsOf(entries, 'attempt-claimed').flatMap(({ payload }) => {
    const approval = payload.standing?.approval;
    return approval?.kind === 'decided' ? [...approval.given, approval.verdict] : [];
  });
  const review = ticket.status === 'open' ? ticket.review : undefined;
  const standing =
    review === undefined || !('given' in review)
      ? []
      : [...review.given, ...(review.status === 'approved' ? [review.verdict] : [])];
  return [...new Map([...applied, ...standing].map((each) => [each.moveId, each])).values()];
}

/** Whatever people decided on the change's tickets, first to last, also what did not count. */
function decisionsOf(
  change: Change,
  entries: readonly Told[],
  plans: readonly PlanRef[],
): Decision['decisions'] {
  const counting = new Set(verdictsOf(change, entries).map(({ moveId }) => moveId));
  const { approvalValidSeconds } = demandOfAll(plans.map(({ demand }) => demand));
  const found = factsOf(entries, 'ticket-read').flatMap((entry) =>
    decidedIn(entry).map(([id, decided]) => {
      const counts = counting.has(id);
      const expiresAt = new Date(Date.parse(entry.at) + approvalValidSeconds * 1000).toISOString();
      return [
        `${entry.payload.reading.key} ${id}`,
        { ...decided, counts, ...(counts && plans.length > 0 ? { expiresAt } : {}) },
      ] as const;
    }),
  );
  // The first reading of a move is when it was heard of.
  return [...new Map(found.toReversed()).values()].toReversed();
}

function decidedIn({ at, index, payload }: ToldFact<'ticket-read'>) {
  const { bot, reading } = payload;
  return decisionsIn(reading).flatMap((move) => {
    if ((move.to !== 'approved' && move.to !== 'rejected') || move.account === bot) return [];
    const decided = {
      approvalId: reading.key,
      decision: move.to,
      account: move.account,
      decidedAt: move.at,
      heardAt: at,
      ...(reading.boundTuple === undefined ? {} : { tupleHash: reading.boundTuple }),
      changelogEntry: { ...move },
      entry: index,
    };
    return [[move.id, decided] as const];
  });
}
