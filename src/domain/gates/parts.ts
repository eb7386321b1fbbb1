import type { Change, Verdict } from '../change.ts';
import type { Part } from '../demand.ts';
import { findCover } from './cover.ts';
import type { ChangeEvidence, GateSubject, Person } from './evidence.ts';
import { byAccount, byEmail, byGitlabId } from './people.ts';

/** One way in which somebody took part in a change, and who that is if the directory knows. */
export interface Participant {
  part: Part;
  /** What the directory was searched for, e.g. `gitlabId 12`. */
  key: string;
  /** Whoever that is: ids of people; none when the directory knows nobody. */
  people: readonly string[];
  name: string;
  /** It was done by comments that had the state adjusted. */
  adjusted?: true;
  /** Those of them in whose stead it was done. */
  insteadOf?: readonly string[];
  /** The move on the ticket, of an approval. */
  moveId?: string;
}

/** Everybody who took part in the change, in each part that can be read. */
export function participantsOf(subject: GateSubject, change: ChangeEvidence): Participant[] {
  const { approval, command, change: aggregate } = subject;
  const { commitAuthors = [], committers = [], pushers = [] } = aggregate.revision ?? {};
  const { people } = change;
  const onGitlab = (part: Part) => (id: number) =>
    participant(part, `gitlabId ${id}`, byGitlabId(people, id));
  const inCommits = (part: Part) => (email: string) =>
    participant(part, `e-mail ${email}`, byEmail(people, email));
  // GitLab names the author now; who opened the merge request was read before.
  const requesters = change.mergeRequest.seen
    ? [aggregate.author.id, change.mergeRequest.value.authorId]
    : [aggregate.author.id];
  // Events expire there: those whom it names now, and those it named when the revision was read.
  const pushed = change.pushers.seen ? [...change.pushers.value, ...pushers] : pushers;
  const reviews = change.reviews.seen ? change.reviews.value.map(({ gitlabId }) => gitlabId) : [];
  return [
    ...unique(requesters).map(onGitlab('requester')),
    ...unique(commitAuthors).map(inCommits('commit-author')),
    ...adjustersOf(aggregate).map((id) => ({ ...onGitlab('commit-author')(id), adjusted: true as const })),
    ...unique(committers).map(inCommits('committer')),
    ...unique(pushed).map(onGitlab('pusher')),
    ...unique(reviews).map(onGitlab('reviewer')),
    ...verdictsOf(approval).map((verdict) => approverOf(verdict, people)),
    ...approversInAdvance(subject, change),
    ...(command === undefined ? [] : [onGitlab('operator')(command.by.gitlabId)]),
  ];
}

/**
 * Code-host ids of those whose comments had the state of a project adjusted. What they asked for is planned and applied
 * with what the commits say, so they count as authors of it.
 */
export function adjustersOf({ projects }: Pick<Change, 'projects'>): number[] {
  return unique(projects.flatMap(({ adjustments = [] }) => adjustments.map(({ by }) => by.gitlabId)));
}

/** The decisions of people that an approval of this very change consists of; none where it was approved in another way. */
export function verdictsOf(approval: GateSubject['approval']): readonly Verdict[] {
  return approval?.kind === 'decided' ? [...approval.given, approval.verdict] : [];
}

const LIST = new Intl.ListFormat('en-GB');

/** All that they did, as the end of a sentence about them: "wrote commits (e-mail …) and pushed to its branch". */
export function partsInWords(participants: readonly Told[]): string {
  const parts = [...new Set(participants.map(partInWords))];
  return LIST.format(parts);
}

type Told = Pick<Participant, 'adjusted' | 'key' | 'part'>;

/** What they did, as the end of a sentence about them. */
export function partInWords({ adjusted, key, part }: Told): string {
  switch (part) {
    case 'requester':
      return 'asked for the merge request';
    case 'commit-author':
      return adjusted === true ? 'had the state adjusted by a comment' : `wrote commits (${key})`;
    case 'committer':
      return `committed (${key})`;
    case 'pusher':
      return 'pushed to its branch';
    case 'reviewer':
      return 'approved the merge request';
    case 'approver':
      return 'approved on the ticket';
    case 'operator':
      return 'commanded its apply';
  }
}

/**
 * Whoever approved: who has the account now, who had it when they approved, and those in whose stead they did. What none
 * of them may do, the approval is not free of.
 */
function approverOf({ account, decider, moveId }: Verdict, people: readonly Person[]): Participant {
  const person = byAccount(people, account);
  const insteadOf = unique([
    ...(person?.standsInFor ?? []).map((each) => each.person),
    ...(decider?.insteadOf ?? []),
  ]);
  const then = decider === undefined || decider.person === '' ? [] : [decider.person];
  return {
    part: 'approver',
    key: `jiraAccount ${account}`,
    people: person === undefined ? [] : unique([person.id, ...then, ...insteadOf]),
    name: person?.name ?? account,
    ...(insteadOf.length === 0 ? {} : { insteadOf }),
    moveId,
  };
}

/** Whoever approved the standing approval that covers it approved the change. */
function approversInAdvance(subject: GateSubject, change: ChangeEvidence): Participant[] {
  if (subject.approval?.kind !== 'standing') return [];
  const cover = findCover(subject.change, change);
  if (cover.kind !== 'covered') return [];
  const { account, name, person } = cover.approval;
  return [{ part: 'approver', key: `jiraAccount ${account}`, people: [person], name }];
}

function participant(part: Part, key: string, person: Person | undefined): Participant {
  return { part, key, people: person === undefined ? [] : [person.id], name: person?.name ?? key };
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
