import { type ConfirmedGlass, blockingDebts, isProvidedFor } from '../break-glass.ts';
import { rejectionOf } from '../objections.ts';
import { judgeTicket } from '../verdict.ts';
import { ASKED_AGAIN, no, unknown, unseen, yes } from './answer.ts';
import type {
  ChangeEvidence,
  EmergencyEvidence,
  GateResult,
  GateSubject,
  Observed,
  Person,
} from './evidence.ts';
import { grantOf, type GrantFound } from './operator-grant.ts';
import { type Participant, participantsOf, partInWords } from './parts.ts';
import { byGitlabId, nameOfAccount } from './people.ts';
import { minute } from '../minute.ts';

const GATE = 'break-glass-allowed';
const ASK_ANEW = 'an operator comments `countersign apply --break-glass REASON`, or the ticket is approved';

/**
 * Where glass is broken: do emergencies provide for this project, now; is it an operator who asks and somebody else who
 * confirms, both known, both still allowed to; did one of the two take no part in the change; has no approver rejected it;
 * and is no debt unpaid that forbids it? Nothing waives this.
 */
export function breakGlassAllowed(subject: GateSubject, change: ChangeEvidence): GateResult {
  const { approval, change: aggregate, project } = subject;
  if (approval?.kind !== 'break-glass') return yes(GATE, 'no glass is broken', {});
  const { glass } = approval;
  const emergency: Observed<EmergencyEvidence | undefined> = change.emergency ?? {
    seen: false,
    why: 'nobody looked',
  };
  if (!emergency.seen) return unseen(GATE, 'what is provided for in emergencies is not known', emergency.why);
  const operator = byGitlabId(change.people, glass.by.gitlabId);
  const confirmer = byGitlabId(change.people, glass.confirmedBy.gitlabId);
  const parts = participantsOf(
    { ...subject, command: { noteId: glass.noteId, by: glass.by } },
    change,
  ).filter(({ part }) => part !== 'operator' && part !== 'reviewer');
  const evidence = {
    ...asEvidence(glass),
    operator: operator?.id ?? null,
    confirmer: confirmer?.id ?? null,
    parts: parts.map(({ key, part, people }) => ({ part, key, people })),
    pairs: [['operator', 'confirmer', sameness(operator, confirmer)]],
    unpaid: emergency.value?.unpaid ?? [],
  };
  const terms = emergency.value;
  if (terms === undefined)
    return no(GATE, 'no emergencies are provided for any more', 'have the ticket approved', evidence);
  const projects = [project.key];
  const debts = blockingDebts(
    terms.blockWhileUnpaid,
    terms.unpaid.filter(({ key }) => 'key' in aggregate.ticket && key !== aggregate.ticket.key),
    { repository: aggregate.mergeRequest.repository, projects },
  );
  const problems = [
    ...rejection(subject, change),
    ...(Date.parse(change.at) > Date.parse(glass.until) ? [`it was good until ${minute(glass.until)}`] : []),
    ...(glass.projects.includes(project.key) ? [] : [`it was not asked for ${project.key}`]),
    ...(isProvidedFor(terms, project.dir) ? [] : [`no emergencies are provided for in ${project.dir}`]),
    ...glass.waives
      .filter((gate) => !terms.waives.includes(gate))
      .map((gate) => `${gate} may not be waived any more`),
    ...debts.map(({ due, key }) => `${key} is not approved afterwards yet (due ${due})`),
    ...(operator !== undefined && operator.id === confirmer?.id
      ? [`${operator.name} cannot confirm what they asked for, under whatever account`]
      : []),
  ];
  if (problems.length > 0) return no(GATE, problems.join('; '), ASK_ANEW, evidence);
  return (
    judgePeople(glass, operator, confirmer, terms, grantOf(subject, operator, change), change, evidence) ??
    judgeParts(operator, confirmer, parts, change, evidence) ??
    yes(GATE, `${operator?.name} asked for it and ${confirmer?.name} confirmed it: ${glass.reason}`, evidence)
  );
}

/** Waived is that nobody has said yes; not that somebody has said no, also where that was not heard of before. */
function rejection({ change }: GateSubject, { people, ticket, ticketBot }: ChangeEvidence): string[] {
  const { ticket: ours } = change;
  if (ours.status === 'open' && ticket.seen) {
    const judgement = judgeTicket(ticket.value, ours.review, ticketBot);
    if (judgement.kind === 'rejected')
      return [`${nameOfAccount(people, judgement.verdict.account)} rejected ${ours.key}`];
  }
  const earlier = rejectionOf(change);
  return earlier === undefined
    ? []
    : [`${nameOfAccount(people, earlier.account)} rejected these plans on ${earlier.key}`];
}

/** Both are known, and may do what they did. */
function judgePeople(
  glass: ConfirmedGlass,
  operator: Person | undefined,
  confirmer: Person | undefined,
  terms: EmergencyEvidence,
  grant: GrantFound | undefined,
  { unseenSources }: ChangeEvidence,
  evidence: GateResult['evidence'],
): GateResult | undefined {
  if (grant?.kind === 'unknown') return unknown(GATE, grant.why, ASKED_AGAIN, evidence);
  const strangers = [
    ...(operator === undefined ? [glass.by] : []),
    ...(confirmer === undefined ? [glass.confirmedBy] : []),
  ];
  const wrong = [
    ...(grant?.kind === 'none'
      ? [grant.why ?? `${operator?.name ?? ''} does not have the role operator`]
      : []),
    ...(confirmer === undefined || mayConfirm(confirmer, terms)
      ? []
      : [`${confirmer.name} may not confirm it: that is for ${confirmersInWords(terms)}`]),
  ];
  const [hidden] = unseenSources;
  if (strangers.length + wrong.length > 0 && hidden !== undefined)
    return unseen(GATE, `who may do this is not known, ${hidden.source} did not answer`, hidden.why);
  if (strangers.length > 0) {
    const names = strangers.map(({ username }) => `@${username}`).join(' and ');
    return unknown(GATE, `${names} is nobody in the directory`, 'an administrator adds them', evidence);
  }
  return wrong.length > 0 ? no(GATE, wrong.join('; '), ASK_ANEW, evidence) : undefined;
}

/** Nobody brings code of their own into production with the help of its other author alone. */
function judgeParts(
  operator: Person | undefined,
  confirmer: Person | undefined,
  parts: readonly Participant[],
  { pushers }: ChangeEvidence,
  evidence: GateResult['evidence'],
): GateResult | undefined {
  const ofPerson = (person: Person | undefined) =>
    parts.filter(({ people }) => person !== undefined && people.includes(person.id));
  const [first, second] = [ofPerson(operator), ofPerson(confirmer)];
  if (first.length > 0 && second.length > 0) {
    const [a, b] = [first[0], second[0]];
    const told = [
      ...(a === undefined ? [] : [`${operator?.name} ${partInWords(a)}`]),
      ...(b === undefined ? [] : [`${confirmer?.name} ${partInWords(b)}`]),
    ];
    return no(
      GATE,
      `one of the two has to have taken no part in the change: ${told.join(' and ')}`,
      'somebody else confirms it',
      evidence,
    );
  }
  const strangers = parts.filter(({ people }) => people.length === 0).map(({ key }) => key);
  if (strangers.length === 0)
    return pushers.seen ? undefined : unseen(GATE, 'GitLab did not say who pushed', pushers.why);
  return unknown(
    GATE,
    `whether one of the two has ${[...new Set(strangers)].join('; or ')} is not known`,
    'an administrator adds it to the directory of people',
    evidence,
  );
}

/** Whether a person may be the second one. */
export function mayConfirm(
  { groups, roles }: Pick<Person, 'groups' | 'roles'>,
  { confirmers }: Pick<EmergencyEvidence, 'confirmers'>,
): boolean {
  return (
    confirmers.roles.some((role) => roles.includes(role)) ||
    confirmers.groups.some((group) => groups.includes(group))
  );
}

/** "somebody with the role operator or approver, or of on-call" */
export function confirmersInWords({ confirmers }: Pick<EmergencyEvidence, 'confirmers'>): string {
  const roles = confirmers.roles.length === 0 ? [] : [`with the role ${confirmers.roles.join(' or ')}`];
  const groups = confirmers.groups.length === 0 ? [] : [`of ${confirmers.groups.join(' or ')}`];
  return `somebody ${[...roles, ...groups].join(', or ')}`;
}

function sameness(a: Person | undefined, b: Person | undefined): string {
  if (a === undefined || b === undefined) return 'unknown';
  return a.id === b.id ? 'same' : 'different';
}

function asEvidence({
  askedAt,
  confirmedAt,
  due,
  projects,
  reason,
  tier,
  tupleHash,
  until,
  waives,
}: ConfirmedGlass) {
  return { reason, tier, askedAt, confirmedAt, until, due, projects, waives, tupleHash };
}
