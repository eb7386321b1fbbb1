import type { Change, Debt, OwedDebt, Review, Verdict } from './change.ts';
import { attemptOpen, type Decision, undisturbed, withChange, withEffects, withEntry } from './decision.ts';
import type { FactOf } from './fact.ts';

/** Debts that nobody has approved yet. */
export function owedDebts({ debts = [] }: Pick<Change, 'debts'>): readonly OwedDebt[] {
  return debts.filter((debt): debt is OwedDebt => debt.status === 'owed');
}

/** What was applied under this ticket is still to be approved there, so it is nobody else's. */
export function isOwed(change: Pick<Change, 'debts'>, key: string): boolean {
  return owedDebts(change).some((debt) => debt.ticket.key === key);
}

/** Once nothing of it runs any more, what was applied is put in front of the approver. */
export function presentDebts(decision: Decision): Decision {
  const waiting = owedDebts(decision.change).filter(
    (debt) => debt.review.status === 'waiting' && isQuiet(decision.change, debt),
  );
  return waiting.reduce((done, debt) => present(done, debt), decision);
}

/** Whether all that was begun under its glass has come to its end. */
function isQuiet({ breakGlass, projects }: Change, { glass }: OwedDebt): boolean {
  const goesOn = breakGlass?.status === 'confirmed' && breakGlass.noteId === glass.noteId;
  return !goesOn && !projects.some((project) => glass.projects.includes(project.key) && attemptOpen(project));
}

function present(decision: Decision, debt: OwedDebt, why?: string): Decision {
  const round = debt.review.round + 1;
  const review = { status: 'presenting', round, ...(why === undefined ? {} : { why }) } as const;
  return withEffects(replace(decision, { ...debt, review }), { type: 'review-debt', key: debt.ticket.key });
}

/** The ticket asks for the approval afterwards: from this move on a decision counts. */
export function onDebtPresented(change: Change, fact: FactOf<'debt-presented'>): Decision {
  const debt = owedDebt(change, fact.key);
  if (debt?.review.status !== 'presenting' || debt.review.round !== fact.round) return undisturbed(change);
  const { key, moveId, round } = fact;
  const review = { status: 'in-review', round, moveId, given: [] } as const;
  // Whoever decided between the move and its recording was not heard.
  return withEffects(replace(undisturbed(change), { ...debt, review }), { type: 'review-debt', key });
}

/** Somebody decided on the ticket afterwards, and the gates said whether that counts. */
export function onDebtJudged(change: Change, fact: FactOf<'debt-judged'>, at: string): Decision {
  const debt = owedDebt(change, fact.key);
  if (debt?.review.status !== 'in-review' || debt.review.round !== fact.round) return undisturbed(change);
  const { judgement, key } = fact;
  switch (judgement.kind) {
    case 'approved':
      return pay(change, debt, judgement.verdicts, at);
    case 'more-wanted': {
      const { given, why: wanted } = judgement;
      const dropped = [...(debt.review.dropped ?? []), ...judgement.dropped];
      const review = { ...debt.review, given, wanted, ...(dropped.length === 0 ? {} : { dropped }) };
      const asking = replace(undisturbed(change), { ...debt, review });
      return withEffects(asking, { type: 'review-debt', key });
    }
    case 'rejected': {
      const { verdict } = judgement;
      const rejections = [...debt.rejections, verdict];
      const why =
        'it was rejected afterwards: roll it back or mend it, and approve it here when that is done';
      const told = withEntry(undisturbed(change), 'debt-rejected', { key, verdict });
      return withEffects(present(told, { ...debt, rejections }, why), { type: 'tell-break-glass' });
    }
    case 'not-counting':
      return present(
        withEntry(undisturbed(change), 'verdict-refused', { key, why: judgement.why }),
        debt,
        judgement.why,
      );
  }
}

function pay(change: Change, debt: OwedDebt, verdicts: readonly Verdict[], at: string): Decision {
  const { closing, due, glass, projects, ticket, tupleHash, usedAt } = debt;
  const { key } = ticket;
  const paid: Debt = {
    status: 'paid',
    due,
    glass,
    projects,
    ticket,
    tupleHash,
    usedAt,
    paidAt: at,
    verdicts,
  };
  const entered = withEntry(replace(undisturbed(change), paid), 'debt-paid', { key, verdicts, due });
  const told = withEffects(entered, { type: 'tell-break-glass' });
  return closing === undefined ? told : withEffects(told, { type: 'close-ticket', key, ...closing });
}

/** It is past due, and everybody is told once. */
export function onDebtOverdue(change: Change, { key }: FactOf<'debt-overdue'>, at: string): Decision {
  const debt = owedDebt(change, key);
  if (debt === undefined || debt.overdue === true || Date.parse(at) < Date.parse(debt.due))
    return undisturbed(change);
  const overdue = replace(undisturbed(change), { ...debt, overdue: true });
  const { due, projects } = debt;
  return withEffects(withEntry(overdue, 'debt-overdue', { key, due, projects }), {
    type: 'tell-break-glass',
  });
}

/** How the ticket is to end, once what was applied under it is approved. */
export function closeWhenPaid(
  decision: Decision,
  key: string,
  closing: NonNullable<OwedDebt['closing']>,
): Decision {
  const debt = owedDebt(decision.change, key);
  return debt === undefined ? decision : replace(decision, { ...debt, closing });
}

function owedDebt(change: Change, key: string): OwedDebt | undefined {
  return owedDebts(change).find((debt) => debt.ticket.key === key);
}

function replace(decision: Decision, debt: Debt): Decision {
  const { debts = [] } = decision.change;
  return withChange(decision, {
    debts: debts.map((each) => (each.glass.noteId === debt.glass.noteId ? debt : each)),
  });
}

/** The review of a debt, as a ticket's decisions are judged. */
export function reviewOfDebt({ review, tupleHash, usedAt }: OwedDebt): Review {
  switch (review.status) {
    case 'waiting':
      return { status: 'withdrawn', round: review.round, why: 'it is being applied' };
    case 'presenting':
      return { status: 'presenting', round: review.round, tupleHash };
    case 'in-review': {
      const { given, moveId, round } = review;
      return { status: 'in-review', round, tupleHash, moveId, since: usedAt, given };
    }
  }
}

/** The change as it was when that was applied: what the approver is shown, and what the gates about the approval judge. */
export function asOwed(change: Change, debt: OwedDebt, review = reviewOfDebt(debt)): Change {
  const { plans: projects, revision, ticket } = debt;
  return { ...change, revision, projects, ticket: { ...ticket, status: 'open', review, spent: false } };
}
