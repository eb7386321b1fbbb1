import { approvalExpiresAt } from '../expiry.ts';
import { judgeTicket } from '../verdict.ts';
import { ASKED_AGAIN, no, noForGood, unknown, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';
import { nameOfAccount } from './people.ts';
import { coveredInAdvance } from './standing-approval.ts';
import { minute } from '../minute.ts';

const GATE = 'ticket-approved';

/** Is the very tuple that would be applied approved on the ticket, read now? */
export function ticketApproved(subject: GateSubject, change: ChangeEvidence): GateResult {
  if (subject.approval?.kind === 'standing') return coveredInAdvance(subject, change);
  const { at, people, ticket, ticketBot } = change;
  const ours = subject.change.ticket;
  if (ours.status !== 'open')
    return no(GATE, 'there is no open ticket', 'a new plan opens one', { ticket: ours.status });
  if (!ticket.seen) return unseen(GATE, 'the ticket could not be read', ticket.why);
  const judgement = judgeTicket(ticket.value, ours.review, ticketBot);
  const verdict = subject.approval?.verdict;
  const evidence = {
    ticket: ours.key,
    status: ticket.value.status,
    reading: ticket.value.digest,
    tuple: subject.tupleHash,
    approvedTuple: verdict?.tupleHash,
    move: verdict?.moveId,
  };
  if (judgement.kind === 'not-counting') {
    if (judgement.readAgain)
      return unknown(GATE, `${ours.key}: ${judgement.why}`, judgement.remedy, evidence);
    // Only a review that is open on a ticket of ours can be opened again.
    const reviewed = ours.review.status === 'in-review' || ours.review.status === 'approved';
    const refuse = reviewed && ticket.value.exists ? noForGood : no;
    return refuse(
      GATE,
      `the decision on ${ours.key} does not count: ${judgement.why}`,
      judgement.remedy,
      evidence,
    );
  }
  if (judgement.kind === 'rejected')
    return no(
      GATE,
      `${ours.key} was rejected by ${nameOfAccount(people, judgement.verdict.account)}`,
      'the author changes the code and pushes',
      evidence,
    );
  if (judgement.kind === 'in-review')
    return no(
      GATE,
      `${ours.key} is in review and not approved yet`,
      'an approver moves it to Approved',
      evidence,
    );
  if (verdict === undefined || verdict.decision !== 'approved' || verdict.moveId !== judgement.verdict.moveId)
    return unknown(GATE, `the decision on ${ours.key} has just changed`, ASKED_AGAIN, evidence);
  if (verdict.tupleHash !== subject.tupleHash)
    return noForGood(
      GATE,
      `${ours.key} was approved for another plan`,
      'have the present plan approved',
      evidence,
    );
  const expiresAt = approvalExpiresAt(subject.change);
  if (expiresAt !== undefined && Date.parse(at) > Date.parse(expiresAt))
    return noForGood(
      GATE,
      `the approval on ${ours.key} expired at ${minute(expiresAt)}`,
      'the ticket asks again by itself; an approver decides there',
      { ...evidence, expiresAt },
    );
  return yes(
    GATE,
    `${ours.key} was approved by ${nameOfAccount(people, verdict.account)} at ${minute(verdict.decidedAt)}`,
    { ...evidence, expiresAt },
  );
}
