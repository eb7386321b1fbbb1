import { decisionsIn } from './desk.ts';
import type { TicketReading } from './fact.ts';
import { ASKED_AGAIN } from './gates/answer.ts';
import type { Observed, Person } from './gates/evidence.ts';
import { byAccount, missingAccount } from './gates/people.ts';
import { type Heard, type Mandate, type MandateApproval, type MandateDecider, termsHash } from './mandate.ts';
import { judgeTicket } from './verdict.ts';

/** Whether a mandate holds at one moment; `unknown` is no, and is asked again by itself. */
export type MandateJudgement =
  | { kind: 'in-force'; approval: MandateApproval }
  | { kind: 'not-in-force'; why: string; remedy: string; decider?: MandateDecider }
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
  const judgement = judgeTicket(textsOf(ticket.value), review, around.bot);
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

/** A mandate's terms stand in its ticket's text. Fields tell nothing of them, and may change while it is in force. */
function textsOf(reading: TicketReading): TicketReading {
  const { edits = [], ...rest } = reading;
  const texts = edits.flatMap((edit) => {
    const what = edit.what.filter((each) => each !== 'fields');
    return what.length === 0 ? [] : [{ ...edit, what }];
  });
  return { ...rest, edits: texts };
}

function judgeApprover(
  mandate: Mandate,
  decided: Pick<MandateApproval, 'account' | 'decidedAt' | 'moveId'>,
  shown: string | undefined,
  { people, unseenSources }: AroundMandate,
): MandateJudgement {
  const { terms } = mandate;
  const { account, moveId } = decided;
  const person = byAccount(people, account);
  const unseen = unseenSources.map(({ source, why }) => `${source}: ${why}`).join('; ');
  const then = knownDecider(mandate.heard, decided);
  if (person === undefined) {
    const [reason, remedy] = missingAccount(account, shown);
    if (unseen !== '') return unknown(`${reason}; not everybody was asked: ${unseen}`);
    return { ...no(reason, remedy), decider: then ?? { moveId, account, person: '', roles: [] } };
  }
  const isApprover = person.roles.includes('approver');
  if (then === undefined && !isApprover && unseen !== '')
    return unknown(
      `whether ${person.name}, who approved it, had the role approver then is not known: ${unseen}`,
    );
  const decider = then ?? { moveId, account, person: person.id, roles: person.roles };
  const refuse = (why: string): MandateJudgement => ({ ...no(why, APPROVE_AGAIN), decider });
  if (decider.person !== person.id)
    return refuse(`nobody was known to be ${person.name}, whose account approved it, then`);
  if (!decider.roles.includes('approver'))
    return refuse(`${person.name}, who approved it, did not have the role approver then`);
  if (!isApprover) {
    const gone = `${person.name}, who approved it, does not have the role approver any more`;
    return unseen === '' ? refuse(gone) : unknown(`${gone}, as far as is known: ${unseen}`);
  }
  if (person.id === mandate.requestedBy) return refuse(`${person.name} asked for it and approved it`);
  if (terms.kind === 'operator-grant' && person.id === terms.person)
    return refuse(`${person.name} approved rights of their own`);
  return {
    kind: 'in-force',
    approval: { ...decided, person: person.id, name: person.name, roles: decider.roles },
  };
}

/** Who decided by that move, as it was heard of before. */
function knownDecider(
  heard: Heard,
  { account, moveId }: Pick<MandateApproval, 'account' | 'moveId'>,
): MandateDecider | undefined {
  const decider = deciderIn(heard);
  return decider?.moveId === moveId && decider.account === account ? decider : undefined;
}

function deciderIn(heard: Heard): MandateDecider | undefined {
  switch (heard.kind) {
    case 'nothing':
      return undefined;
    case 'approved': {
      const { account, moveId, person, roles } = heard.approval;
      return { moveId, account, person, roles };
    }
    case 'not-approved':
      return heard.decider;
  }
}

/** Whether a judgement goes by a decision that was never heard of: who that was is kept from now on. */
export function isFirstHeard(heard: Heard, judgement: MandateJudgement): boolean {
  const decider = judgement.kind === 'in-force' ? judgement.approval : deciderOf(judgement);
  return decider !== undefined && knownDecider(heard, decider) === undefined;
}

function deciderOf(judgement: Exclude<MandateJudgement, { kind: 'in-force' }>): MandateDecider | undefined {
  return judgement.kind === 'not-in-force' ? judgement.decider : undefined;
}

/**
 * What is kept of a judgement, so that people can see it and whoever decided stays who they were when it was heard of:
 * also where their decision did not count, and while the ticket says nothing of it.
 */
export function heardOf(
  judgement: Exclude<MandateJudgement, { kind: 'unknown' }>,
  before: Heard,
): Mandate['heard'] {
  if (judgement.kind === 'in-force') return { kind: 'approved', approval: judgement.approval };
  const decider = judgement.decider ?? deciderIn(before);
  return { kind: 'not-approved', why: judgement.why, ...(decider === undefined ? {} : { decider }) };
}

const OPEN_ANOTHER = 'where it is still wanted, another is opened and approved';
const APPROVE_AGAIN = 'another approver decides on its ticket, from In review';

function no(why: string, remedy: string): Extract<MandateJudgement, { kind: 'not-in-force' }> {
  return { kind: 'not-in-force', why, remedy };
}

function unknown(why: string): MandateJudgement {
  return { kind: 'unknown', why, remedy: ASKED_AGAIN };
}
