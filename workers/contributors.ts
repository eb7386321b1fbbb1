import type { Contributor } from '#app/ports/tiers.ts';
import type { Change } from '#domain/change.ts';
import type { Observed, Person } from '#domain/gates/evidence.ts';
import { adjustersOf } from '#domain/gates/parts.ts';
import { byEmail, byGitlabId } from '#domain/gates/people.ts';
import type { WhoIsWho } from './who-is-who.ts';

/** Somebody whom nobody knows has no group; whom a silent directory does not know may have any. */
export function whoAsks({ author }: Change, { people, unseenSources }: WhoIsWho): Observed<Contributor> {
  const [unseen] = unseenSources;
  if (unseen !== undefined) return { seen: false, why: `${unseen.source}: ${unseen.why}` };
  return { seen: true, value: asContributor(byGitlabId(people, author.id)) };
}

/**
 * Everybody whose work is planned, each person once: who asks, wrote, committed, pushed, or had a state adjusted by a
 * comment. All whom the directory does not know are one, without groups.
 */
export function whoContributed(
  change: Change,
  { people, unseenSources }: WhoIsWho,
): Observed<readonly Contributor[]> {
  const { author, revision } = change;
  const [unseen] = unseenSources;
  if (unseen !== undefined) return { seen: false, why: `${unseen.source}: ${unseen.why}` };
  if (revision?.pushers === undefined)
    return { seen: false, why: 'GitLab does not tell of every push that led to the head of its branch' };
  const { commitAuthors, committers, pushers } = revision;
  const found = [
    ...[author.id, ...pushers, ...adjustersOf(change)].map((id) => byGitlabId(people, id)),
    ...[...commitAuthors, ...committers].map((email) => byEmail(people, email)),
  ].map(asContributor);
  return { seen: true, value: [...new Map(found.map((each) => [each.id, each])).values()] };
}

function asContributor(person: Person | undefined): Contributor {
  const { id, roles, groups } = person ?? { id: '', roles: [], groups: [] };
  return { id, roles, groups };
}
