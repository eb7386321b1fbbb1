import { approvalInForce } from './approval.ts';
import type { Change, Review, Verdict } from './change.ts';
import { currentTupleHash, everyPlanned } from './approved-tuple.ts';
import { type Decision, signal, undisturbed, withChange, withEffects, withEntry } from './decision.ts';
import type { FactOf } from './fact.ts';
import { approvalExpiresAt } from './expiry.ts';
import { disturbanceOf } from './in-advance.ts';
import { busy, openTicket, present, setReview, withdraw } from './ticket-steps.ts';
import { disputed, withRejection } from './objections.ts';
import { type Decided, judgeTicket } from './verdict.ts';
import { workPlanOf } from './work-plan.ts';
import { minute } from './minute.ts';

/** The ticket has its key: projects that waited for the number can be planned. */
export function onTicketOpened(change: Change, fact: FactOf<'ticket-opened'>, at: string): Decision {
  const { ticket } = change;
  if (ticket.status !== 'opening' || ticket.number !== fact.number) return undisturbed(change);
  const open = withChange(undisturbed(change), {
    ticket: {
      status: 'open',
      number: fact.number,
      key: fact.key,
      url: fact.url,
      review: { status: 'withdrawn', round: 0, why: 'it is being planned' },
      spent: false,
      ...(ticket.previous === undefined ? {} : { previous: ticket.previous }),
    },
  });
  return signal(open, at, { type: 'ticket-opened' });
}

/** The ticket is in review for this tuple: from this move on, in the changelog's order, an approval may count. */
export function onTicketPresented(change: Change, fact: FactOf<'ticket-presented'>, at: string): Decision {
  const review = reviewOf(change, fact.key);
  if (review?.status !== 'presenting' || review.round !== fact.round || review.tupleHash !== fact.tupleHash) {
    return undisturbed(change);
  }
  const { round, tupleHash, moveId } = fact;
  const inReview = setReview(undisturbed(change), {
    status: 'in-review',
    round,
    tupleHash,
    moveId,
    given: [],
    since: at,
  });
  // Whoever decided between the move and its recording was not heard.
  return withEffects(inReview, { type: 'read-ticket' });
}

/** Names the review that is open, and how far it is, so that a reading that was begun before can be told. */
export function reviewMark({ ticket }: Pick<Change, 'ticket'>): string {
  return ticket.status === 'open' ? `${ticket.key} ${ticket.review.round} ${ticket.review.status}` : '';
}

/** The ticket was read: what its changelog says a person decided, if that counts. */
export function onTicketRead(change: Change, fact: FactOf<'ticket-read'>, at: string): Decision {
  const review = reviewOf(change, fact.reading.key);
  if (review !== undefined && !fact.reading.exists) return onTicketGone(change);
  if (review?.status === 'standing') return onStandingRead(change, review, fact);
  if (review?.status !== 'in-review' && review?.status !== 'approved') return undisturbed(change);
  if (fact.during !== reviewMark(change)) return withEffects(undisturbed(change), { type: 'read-ticket' });
  const judgement = judgeTicket(fact.reading, review, fact.bot);
  switch (judgement.kind) {
    case 'in-review':
      return stand(judgement.given, review)
        ? undisturbed(change)
        : presentAgain(undisturbed(change), 'the decision was taken back');
    case 'approved':
      return onApproved(change, review, [...judgement.given, judgement.verdict], fact, at);
    case 'rejected': {
      const { round, tupleHash } = review;
      const verdict = heard(judgement.verdict, review, fact, at);
      const rejected = setReview(undisturbed(change), { status: 'rejected', round, tupleHash, verdict });
      return signal(withRejection(rejected, fact.reading.key, verdict), at, { type: 'rejected' });
    }
    case 'not-counting':
      // A reading taken in the middle of a move says nothing; the next one will.
      return judgement.readAgain ? undisturbed(change) : refuseVerdict(undisturbed(change), judgement.why);
  }
}

/** Nobody was asked to decide; somebody who interferes all the same is asked now. */
function onStandingRead(
  change: Change,
  { tupleHash }: Extract<Review, { status: 'standing' }>,
  { bot, during, reading }: FactOf<'ticket-read'>,
): Decision {
  if (during !== reviewMark(change)) return withEffects(undisturbed(change), { type: 'read-ticket' });
  const why = disturbanceOf(reading, tupleHash, bot);
  return why === undefined ? undisturbed(change) : refuseVerdict(disputed(undisturbed(change)), why);
}

type OpenReview = Extract<Review, { status: 'in-review' | 'approved' }>;

/** The approvals that are known of the review, in their order. */
function known(review: OpenReview): readonly Verdict[] {
  return review.status === 'approved' ? [...review.given, review.verdict] : review.given;
}

/** Whether all approvals that are known are still there. */
function stand(found: readonly Decided[], review: OpenReview): boolean {
  return known(review).every(({ moveId }) => found.some((each) => each.moveId === moveId));
}

/** The ticket is approved; by somebody new, or still by those who were asked on after. */
function onApproved(
  change: Change,
  review: OpenReview,
  found: readonly Decided[],
  fact: FactOf<'ticket-read'>,
  at: string,
): Decision {
  if (!stand(found, review)) return presentAgain(undisturbed(change), 'the decision was taken back');
  const news = found.filter(({ moveId }) => !isDropped(review, moveId));
  const verdicts = news.map((each) => heard(each, review, fact, at));
  const verdict = verdicts.at(-1);
  if (verdict === undefined || known(review).at(-1)?.moveId === verdict.moveId) return undisturbed(change);
  const { round, tupleHash, moveId } = review;
  const given = verdicts.slice(0, -1);
  const decided = setReview(undisturbed(change), {
    status: 'approved',
    round,
    tupleHash,
    moveId,
    verdict,
    given,
    ...(review.dropped === undefined ? {} : { dropped: review.dropped }),
    since: at,
  });
  if (approvalInForce(decided.change) === undefined) return decided;
  const approvedWorkPlan = workPlanOf(change.description).sections;
  return signal(withChange(decided, { approvedWorkPlan }), at, { type: 'approved' });
}

/** An approval that was found not to count while others stand. */
function isDropped({ dropped = [] }: OpenReview, moveId: string): boolean {
  return dropped.includes(moveId);
}

/** With the time of its first reading and who that was then; a second reading changes neither. */
function heard(
  verdict: Decided,
  review: OpenReview,
  { deciders = {} }: FactOf<'ticket-read'>,
  at: string,
): Verdict {
  const before = known(review).find(({ moveId }) => moveId === verdict.moveId);
  if (before !== undefined) return before;
  const decider = Object.hasOwn(deciders, verdict.account) ? deciders[verdict.account] : undefined;
  return { ...verdict, heardAt: at, ...(decider === undefined ? {} : { decider }) };
}

/** Approvals count and are not enough: those that count stand, and the ticket is put in front of the next approver. */
export function askOn(
  decision: Decision,
  { counted, why }: { counted: readonly string[]; why: string },
): Decision {
  const { ticket } = decision.change;
  if (ticket.status !== 'open' || ticket.review.status !== 'approved') return decision;
  const { review } = ticket;
  const given = known(review).filter(({ moveId }) => counted.includes(moveId));
  // From Applying there is no way back to those that were given.
  if (ticket.spent || given.length === 0) return refuseVerdict(decision, why);
  const others = known(review).flatMap(({ moveId }) => (counted.includes(moveId) ? [] : [moveId]));
  const dropped = [...(review.dropped ?? []), ...others];
  const { round, tupleHash, moveId, since } = review;
  const asking = setReview(decision, {
    status: 'in-review',
    round,
    tupleHash,
    moveId,
    since,
    given,
    wanted: why,
    ...(dropped.length === 0 ? {} : { dropped }),
  });
  return withEffects(asking, { type: 'ask-on' });
}

/** The ticket was deleted or taken from us: what was decided there is void, and another one is opened. */
function onTicketGone(change: Change): Decision {
  const { ticket } = change;
  // Once an attempt has started the ticket's part is played; its loss is told when it is closed.
  if (ticket.status !== 'open' || ticket.spent) return undisturbed(change);
  const { key, number } = ticket;
  const without = withChange(undisturbed(change), { ticket: { status: 'none', number, previous: key } });
  const why = 'the ticket is gone or is no longer ours';
  return openTicket(withEntry(without, 'approval-voided', { key, why }));
}

/** What was approved too long ago is asked again by itself; plans that are old as well are made again first. */
export function onApprovalExpired(change: Change, fact: FactOf<'approval-expired'>, at: string): Decision {
  const { ticket } = change;
  const expiresAt = approvalExpiresAt(change);
  if (
    reviewOf(change, fact.key)?.round !== fact.round ||
    expiresAt === undefined ||
    Date.parse(expiresAt) > Date.parse(at)
  )
    return undisturbed(change);
  // What has begun goes on; what is left is asked about when that is over.
  if (busy(change)) return undisturbed(change);
  const why = `the approval expired at ${minute(expiresAt)}`;
  const spent = ticket.status === 'open' && ticket.spent;
  if (fact.planAgain.length === 0 || spent) return presentAgain(undisturbed(change), why);
  return planAnew(undisturbed(change), why, fact.planAgain, at);
}

/** What was asked about, or decided on, is nothing any more: these projects are planned again, and then it is asked anew. */
export function planAnew(decision: Decision, why: string, keys: readonly string[], at: string): Decision {
  return signal(withdraw(decision, why), at, { type: 'plan-commanded' }, ({ key }) => keys.includes(key));
}

/** A decision on the ticket can never count: it is recorded, and the ticket goes back to review with the reason. */
export function refuseVerdict(decision: Decision, why: string): Decision {
  return presentAgain(withEntry(decision, 'verdict-refused', { why }), why);
}

/** The approver is asked again, as soon as all there is to ask about is planned. */
function presentAgain(decision: Decision, why: string): Decision {
  const tuple = currentTupleHash(decision.change);
  const ready = tuple !== undefined && everyPlanned(decision.change);
  return ready ? present(decision, tuple, why) : withdraw(decision, why);
}

function reviewOf(change: Change, key: string): Review | undefined {
  return change.ticket.status === 'open' && change.ticket.key === key ? change.ticket.review : undefined;
}
