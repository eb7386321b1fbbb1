import { decisionsIn } from './desk.ts';
import type { TicketReading } from './fact.ts';
import { ASKED_AGAIN } from './gates/answer.ts';
import type { Observed, Person } from './gates/evidence.ts';
import { byAccount, missingAccount } from './gates/people.ts';
import { type Mandate, type MandateApproval, termsHash } from './mandate.ts';
import { judgeTicket } from './verdict.ts';

/** Whether a mandate holds at one moment; `unknown` is no, and is asked again by itself. */
export type MandateJudgement =
  | { kind: 'in-force'; approval: MandateApproval }
  | { kind: 'not-in-force'; why: string; remedy: string }
  | { kind: 'unknown'; why: string; remedy: string };

/** What a mandate is judged by, as it is now; `at` is RFC 3339. */
export interface AroundMandate {
  at: string;
  /** The service's own account in the ticket system. */
  bot: string;
  people: readonly Person[];
  unseenSources: readonly { source: string; why: string }[];
}

/**
 * Whether a mandate is in force: not ended, its time not over, and its ticket says so as that of a change would. The
 * last move there is a person's, from In review to Approved, after ours for these very terms; that person has the role
 * approver, now and when it was first heard of, in their own name, and neither asked for the mandate nor profits by it.
 */
export function judgeMandate(
  mandate: Mandate,
  ticket: Observed<TicketReading>,
  around: AroundMandate,
): MandateJudgement {
  const { ended, terms } = mandate;
  if (ended !== undefined) return no(`it was ended on ${ended.at}: ${ended.reason}`, OPEN_ANOTHER);
  if (Date.parse(terms.until) <= Date.parse(around.at))
    return no(`its time was over on ${terms.until}`, OPEN_ANOTHER);
  const { key, reviewMove } = mandate.ticket ?? {};
  if (key === undefined || reviewMove === undefined)
    return no(
      'its ticket was never put to review',
      'whoever opened it runs `countersign mandate open` again',
    );
  if (!ticket.seen) return unknown(`${key} could not be read: ${ticket.why}`);
  const tupleHash = termsHash(terms);
  if (ticket.value.exists && ticket.value.boundTuple !== tupleHash)
    return no(`${key} is not bound to these terms any more`, OPEN_ANOTHER);
  const since = mandate.openedAt;
  const review = { status: 'in-review', round: 1, tupleHash, moveId: reviewMove, given: [], since } as const;
  const judgement = judgeTicket(ticket.value, review, around.bot);
  switch (judgement.kind) {
    case 'in-review':
      return no(`${key} is in review and not approved`, `an approver decides on ${key}`);
    case 'rejected':
      return no(`${key} was rejected`, OPEN_ANOTHER);
    case 'not-counting':
      if (judgement.readAgain) return unknown(`${key}: ${judgement.why}`);
      return no(`the decision on ${key} does not count: ${judgement.why}`, OPEN_ANOTHER);
    case 'approved': {
      const { account, decidedAt, moveId } = judgement.verdict;
      const name = decisionsIn(ticket.value).find(({ id }) => id === moveId)?.name;
      return judgeApprover(mandate, { account, decidedAt, moveId }, name, around);
    }
  }
}

function judgeApprover(
  mandate: Mandate,
  decided: Pick<MandateApproval, 'account' | 'decidedAt' | 'moveId'>,
  shown: string | undefined,
  { people, unseenSources }: AroundMandate,
): MandateJudgement {
  const { heard, terms } = mandate;
  const person = byAccount(people, decided.account);
  const unseen = unseenSources.map(({ source, why }) => `${source}: ${why}`).join('; ');
  if (person === undefined) {
    const [reason, remedy] = missingAccount(decided.account, shown);
    return unseen === '' ? no(reason, remedy) : unknown(`${reason}; not everybody was asked: ${unseen}`);
  }
  const then =
    heard.kind === 'approved' && heard.approval.moveId === decided.moveId
      ? heard.approval.roles
      : person.roles;
  if (!then.includes('approver'))
    return no(`${person.name}, who approved it, did not have the role approver then`, APPROVE_AGAIN);
  if (!person.roles.includes('approver')) {
    const gone = `${person.name}, who approved it, does not have the role approver any more`;
    return unseen === '' ? no(gone, APPROVE_AGAIN) : unknown(`${gone}, as far as is known: ${unseen}`);
  }
  if (person.id === mandate.requestedBy)
    return no(`${person.name} asked for it and approved it`, APPROVE_AGAIN);
  if (terms.kind === 'operator-grant' && person.id === terms.person)
    return no(`${person.name} approved rights of their own`, APPROVE_AGAIN);
  return {
    kind: 'in-force',
    approval: { ...decided, person: person.id, name: person.name, roles: then },
  };
}

/** What is kept of a judgement, so that people can see it and the approver stays who they were when it was heard of. */
export function heardOf(judgement: Exclude<MandateJudgement, { kind: 'unknown' }>): Mandate['heard'] {
  return judgement.kind === 'in-force'
    ? { kind: 'approved', approval: judgement.approval }
    : { kind: 'not-approved', why: judgement.why };
}

const OPEN_ANOTHER = 'where it is still wanted, another is opened and approved';
const APPROVE_AGAIN = 'another approver decides on its ticket, from In review';

function no(why: string, remedy: string): MandateJudgement {
  return { kind: 'not-in-force', why, remedy };
}

function unknown(why: string): MandateJudgement {
  return { kind: 'unknown', why, remedy: ASKED_AGAIN };
}
