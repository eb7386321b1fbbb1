import { moverOf } from '../verdict.ts';
import { ASKED_AGAIN, no, noForGood, unknown, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';
import { missingAccount } from './people.ts';

const GATE = 'approver-allowed';
const OTHER_APPROVER = 'somebody with the role approver decides on the ticket';

/** Is whoever approved somebody who may: a living person of the directory with the role approver? */
export function approverAllowed({ approval }: GateSubject, change: ChangeEvidence): GateResult {
  const verdict = approval?.verdict;
  if (verdict === undefined) return no(GATE, 'nobody has approved yet', OTHER_APPROVER, {});
  const { account, moveId } = verdict;
  const evidence = { account, moveId };
  if (account === change.ticketBot)
    return noForGood(GATE, 'our own account cannot approve', OTHER_APPROVER, evidence);
  if (!change.ticket.seen) return unseen(GATE, 'the ticket could not be read', change.ticket.why);
  const move = change.ticket.value.moves.find((each) => each.id === moveId);
  if (move === undefined || move.account !== account)
    return unknown(
      GATE,
      `the ticket's changelog does not hold the approval (move ${moveId})`,
      ASKED_AGAIN,
      evidence,
    );
  if (move.accountKind !== 'person')
    return noForGood(GATE, `${moverOf(move)} is not a person's account`, OTHER_APPROVER, evidence);
  if (!move.active) return noForGood(GATE, `${moverOf(move)} is deactivated`, OTHER_APPROVER, evidence);
  const person = change.people.find((each) => each.jiraAccount === account);
  // Unknown, and no entry added later makes it certain who they were then: the ticket asks again.
  if (person === undefined)
    return { ...unknown(GATE, ...missingAccount(account, move.name), evidence), voidsVerdict: true };
  const found = { ...evidence, person: person.id, roles: person.roles };
  if (!person.roles.includes('approver'))
    return noForGood(GATE, `${person.name} does not have the role approver`, OTHER_APPROVER, found);
  return yes(GATE, `${person.name} has the role approver`, found);
}
