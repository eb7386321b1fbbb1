import type { Change, OwedDebt, Review, Verdict } from '#domain/change.ts';
import { asOwed, owedDebts, reviewOfDebt } from '#domain/debts.ts';
import { Fault } from '#domain/fault.ts';
import type { DebtJudgement, TicketReading } from '#domain/fact.ts';
import { deciderFor } from '#domain/gates/people.ts';
import { type Decided, judgeTicket } from '#domain/verdict.ts';
import { approveAfterwards } from '#messages/emergency.ts';
import { askedOn } from '#messages/ticket-comments.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { judgePayment } from './judge-payment.ts';
import { presentPlans, presentedAlready } from './present-ticket.ts';
import { whoIsWho } from './who-is-who.ts';
import { refused } from './withdraw-ticket.ts';

interface Payload {
  key: string;
}

/**
 * What was applied in an emergency is approved afterwards, on the ticket it was planned under and shown as it was applied,
 * whatever has become of the merge request since. A decision counts by the same rules as one that is given beforehand.
 */
export async function reviewDebt(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const debt = owedDebts(change).find(({ ticket }) => ticket.key === job.payload.key);
  switch (debt?.review.status) {
    case undefined:
    case 'waiting':
      return undefined;
    case 'presenting':
      return { fact: await present(context, change, debt) };
    case 'in-review':
      return judged(context, change, debt);
  }
}

async function present(context: WorkerContext, change: Change, debt: OwedDebt) {
  const { key } = debt.ticket;
  const { round } = debt.review;
  const review = reviewOfDebt(debt) as Extract<Review, { status: 'presenting' }>;
  const reading = await context.ticketing.read(key);
  const moveId =
    presentedAlready(context, reading, review) ??
    (await show(context, asOwed(change, debt), debt, review, reading));
  return { type: 'debt-presented', key, round, tupleHash: debt.tupleHash, moveId } as const;
}

async function show(
  context: WorkerContext,
  owed: Change,
  debt: OwedDebt,
  review: Extract<Review, { status: 'presenting' }>,
  reading: TicketReading,
): Promise<string> {
  const { glass, review: asked, ticket } = debt;
  const why = asked.status === 'presenting' ? asked.why : undefined;
  const told = approveAfterwards(debt, why, changeUrl(context, owed));
  await context.ticketing.comment(ticket.key, `glass-${glass.noteId}-approve-${asked.round}`, told);
  if (reading.status === 'requested') return presentPlans(context, owed, ticket.key, review, reading);
  const back = await context.ticketing.move(
    ticket.key,
    ['in-review', 'approved', 'rejected', 'applying'],
    'requested',
  );
  if (!back.moved) throw refused(ticket.key, 'Requested', back.reason);
  return presentPlans(context, owed, ticket.key, review, { ...reading, status: 'requested' });
}

async function judged(context: WorkerContext, change: Change, debt: OwedDebt): Promise<Conclusion> {
  const { review, ticket } = debt;
  const { key } = ticket;
  if (review.status !== 'in-review') return undefined;
  const reading = await context.ticketing.read(key);
  const judgement = judgeTicket(reading, reviewOfDebt(debt), context.settings.ticketBot);
  const conclude = (said: DebtJudgement) => ({
    fact: { type: 'debt-judged', key, round: review.round, judgement: said } as const,
  });
  switch (judgement.kind) {
    case 'in-review':
      return review.given.every(({ moveId }) => judgement.given.some((each) => each.moveId === moveId))
        ? undefined
        : conclude({ kind: 'not-counting', why: 'the decision was taken back' });
    case 'rejected':
      return conclude({ kind: 'rejected', verdict: await heard(context, review.given, judgement.verdict) });
    case 'approved': {
      const { given, dropped = [] } = review;
      const last = judgement.verdict.moveId;
      const isAskedOn = dropped.includes(last) || given.some(({ moveId }) => moveId === last);
      if (isAskedOn) return askOn(context, change, debt, last);
      const counting = [...judgement.given, judgement.verdict].filter(
        ({ moveId }) => !dropped.includes(moveId),
      );
      const verdicts = await Promise.all(counting.map((each) => heard(context, given, each)));
      const { said, attachment } = await judgePayment(context, change, debt, verdicts);
      return { ...conclude(said), attachment };
    }
    case 'not-counting':
      // A reading taken in the middle of a move says nothing; the next one will.
      if (judgement.readAgain) throw new Fault('torn-reading', judgement.why, { retryable: true });
      return conclude({ kind: 'not-counting', why: judgement.why });
  }
}

/** With whom that was in the directory when it was first read. */
async function heard(context: WorkerContext, known: readonly Verdict[], decided: Decided): Promise<Verdict> {
  const before = known.find(({ moveId }) => moveId === decided.moveId);
  if (before !== undefined) return before;
  // Who somebody was is kept: a look of a moment ago may have missed what made an approver of them.
  const { people, unseenSources } = await whoIsWho(context, { fresh: true });
  const decider = deciderFor(decided.account, people, unseenSources);
  return {
    ...decided,
    heardAt: await context.ledger.now(),
    ...(decider === undefined ? {} : { decider }),
  };
}

/** It counts and is not enough: the next one is asked. */
async function askOn(
  context: WorkerContext,
  change: Change,
  { glass, review, ticket: { key } }: OwedDebt,
  move: string,
): Promise<Conclusion> {
  if (review.status !== 'in-review') return undefined;
  const told = askedOn({
    given: review.given.map(({ account, decider }) => decider?.name ?? account),
    wanted: review.wanted ?? 'another approval is wanted',
    pageUrl: changeUrl(context, change),
  });
  await context.ticketing.comment(key, `glass-${glass.noteId}-asked-on-${move}`, told);
  const moved = await context.ticketing.move(key, ['approved'], 'in-review');
  if (!moved.moved && moved.status === 'approved') throw refused(key, 'In review', moved.reason);
  return undefined;
}
