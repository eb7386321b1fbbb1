import { judgeMandate } from '../judge-mandate.ts';
import { reaches } from '../mandate-cover.ts';
import { isOperatorGrant, type MandateApproval, type OperatorGrant } from '../mandate.ts';
import type { ChangeEvidence, GateSubject, MandateSeen, Person } from './evidence.ts';

/** Whether somebody is an operator of a project by a grant in force. */
export type GrantFound =
  | { kind: 'granted'; seen: MandateSeen<OperatorGrant>; approval: MandateApproval }
  | { kind: 'none'; why: string | undefined }
  | { kind: 'unknown'; why: string };

/** What lets somebody command without the role, as it is now; `undefined` where nobody does, or nobody needs it. */
export function grantOf(
  subject: Pick<GateSubject, 'change' | 'project'>,
  operator: Pick<Person, 'id' | 'roles'> | undefined,
  change: GrantEvidence,
): GrantFound | undefined {
  return operator === undefined || operator.roles.includes('operator')
    ? undefined
    : findGrant(subject, operator.id, change);
}

/** Looks for an operator grant of the person that reaches the project, read live. */
export function findGrant(
  { change, project }: Pick<GateSubject, 'change' | 'project'>,
  person: string,
  { at, mandates, people, ticketBot: bot, unseenSources }: GrantEvidence,
): GrantFound {
  const theirs = mandates
    .filter(isOfGrant)
    .filter(({ mandate: { terms } }) => terms.person === person)
    .filter(({ mandate: { terms } }) => reaches(terms, change.mergeRequest.repository, project.dir));
  let doubt: string | undefined;
  let refusal: string | undefined;
  for (const seen of theirs) {
    const { mandate, ticket } = seen;
    const judgement = judgeMandate(mandate, ticket, { at, bot, people, unseenSources });
    if (judgement.kind === 'in-force') return { kind: 'granted', seen, approval: judgement.approval };
    if (judgement.kind === 'unknown') doubt ??= judgement.why;
    else
      refusal ??= `the operator grant ${mandate.ticket?.key ?? mandate.id} is not in force: ${judgement.why}`;
  }
  return doubt === undefined ? { kind: 'none', why: refusal } : { kind: 'unknown', why: doubt };
}

type GrantEvidence = Pick<ChangeEvidence, 'at' | 'mandates' | 'people' | 'ticketBot' | 'unseenSources'>;

function isOfGrant(seen: MandateSeen): seen is MandateSeen<OperatorGrant> {
  return isOperatorGrant(seen.mandate);
}
