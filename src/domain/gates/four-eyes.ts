import type { Revision } from '../change.ts';
import { noForGood, no, unknown, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject, Person } from './evidence.ts';
import { byAccount, byEmail, byGitlabId, missingAccount, missingEntry, type Participant } from './people.ts';

const GATE = 'four-eyes';

/**
 * Did nobody decide on, or command, what is their own? The approver is none of: merge-request author, commit authors
 * and committers, pushers; an operator who commands is neither the requester nor without the role. Whoever cannot be
 * told apart, because the directory does not know them, makes it unknown.
 */
export function fourEyes(subject: GateSubject, change: ChangeEvidence): GateResult {
  const verdict = subject.approval?.verdict;
  if (verdict === undefined)
    return no(GATE, 'nobody has approved yet', 'somebody other than the authors approves', {});
  if (subject.change.revision === undefined)
    return unseen(GATE, 'the commits are not known', 'no revision was read');
  if (!change.pushers.seen) return unseen(GATE, 'GitLab did not say who pushed', change.pushers.why);
  const approver = byAccount(change.people, verdict.account);
  if (approver === undefined)
    return unknown(GATE, ...missingAccount(verdict.account), { approver: verdict.account });

  const participants = [
    ...authors(subject, change),
    ...emailsOf(subject.change.revision).map(
      (email): Participant => ({
        as: 'commit e-mail',
        key: `e-mail ${email}`,
        person: byEmail(change.people, email),
      }),
    ),
    ...pushers(subject, change.pushers.value).map(
      (id): Participant => ({ as: 'pusher', key: `gitlabId ${id}`, person: byGitlabId(change.people, id) }),
    ),
  ];
  const evidence = {
    approver: approver.id,
    pairs: participants.map(({ as, key, person }) => ({
      as,
      key,
      person: person?.id,
      verdict:
        person === undefined ? 'unknown' : person.id === approver.id ? 'same person' : 'another person',
    })),
    operator: subject.command?.by.gitlabId,
  };
  const own = participants.filter(({ person }) => person?.id === approver.id);
  if (own.length > 0)
    return noForGood(
      GATE,
      `${approver.name} approved a change of their own: ${own.map(partOf).join(', ')}`,
      'somebody who is neither author, committer nor pusher approves',
      evidence,
    );
  const refusedOperator = judgeOperator(subject, change.people);
  if (refusedOperator?.answer === 'no')
    return no(GATE, refusedOperator.reason, refusedOperator.remedy, evidence);
  const strangers = [
    ...new Set(participants.filter(({ person }) => person === undefined).map(({ key }) => key)),
  ];
  if (strangers.length > 0) return unknown(GATE, ...missingEntry(strangers), evidence);
  if (refusedOperator !== undefined)
    return unknown(GATE, refusedOperator.reason, refusedOperator.remedy, evidence);
  return yes(GATE, `${approver.name} approved and took no other part in the change`, evidence);
}

function emailsOf({ commitAuthors, committers }: Revision): string[] {
  return [...new Set([...commitAuthors, ...committers])];
}

/** How somebody took part, as the end of a sentence about them. */
function partOf({ as, key }: Participant): string {
  switch (as) {
    case 'author':
      return 'author of the merge request';
    case 'commit e-mail':
      return `commits with the ${key}`;
    case 'pusher':
      return 'pushed to its branch';
  }
}

function authors(subject: GateSubject, change: ChangeEvidence): Participant[] {
  const ids = new Set([subject.change.author.id]);
  if (change.mergeRequest.seen) ids.add(change.mergeRequest.value.authorId);
  return [...ids].map((id) => ({
    as: 'author',
    key: `gitlabId ${id}`,
    person: byGitlabId(change.people, id),
  }));
}

/** Those whom GitLab names now, and those it named when the revision was read: events expire there. */
function pushers(subject: GateSubject, now: readonly number[]): number[] {
  return [...new Set([...now, ...(subject.change.revision?.pushers ?? [])])];
}

function judgeOperator(
  { command, change }: GateSubject,
  people: readonly Person[],
): { answer: 'no' | 'unknown'; reason: string; remedy: string } | undefined {
  if (command === undefined) return undefined;
  const { gitlabId, username } = command.by;
  const remedy = 'another operator comments `countersign apply`';
  const operator = byGitlabId(people, gitlabId);
  if (
    gitlabId === change.author.id ||
    (operator !== undefined && operator === byGitlabId(people, change.author.id))
  )
    return { answer: 'no', reason: `${username} asked for this change and cannot command its apply`, remedy };
  if (operator === undefined) {
    const [reason, unmapped] = missingEntry([`gitlabId ${gitlabId}`]);
    return { answer: 'unknown', reason, remedy: unmapped };
  }
  if (!operator.roles.includes('operator'))
    return { answer: 'no', reason: `${operator.name} does not have the role operator`, remedy };
  return undefined;
}
