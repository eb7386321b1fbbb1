import type { Person } from '#domain/gates/evidence.ts';
import type { DirectoryEntry, UnseenSource } from '../ports/directory.ts';

export interface OwnAccounts {
  gitlabIds: readonly number[];
  jiraAccounts: readonly string[];
}

/**
 * The listed people and those of a directory service as one list: an entry with the id of a listed person adds accounts and
 * addresses to them, any other is a person of its own. An account or address that leads to two people makes both of them
 * nobody there, and is told: what is listed stands, since the server's own file says so.
 */
export function joinPeople(
  listed: readonly Person[],
  entries: readonly DirectoryEntry[],
): { people: Person[]; conflicts: UnseenSource[] } {
  const owners = new Map(listed.flatMap((person) => keysOf(person).map((key) => [key, person.id] as const)));
  const known = new Map(listed.map(({ id }) => [id.toLowerCase(), id]));
  const claims = Map.groupBy(
    entries.flatMap((entry) => keysOf(entry.person).map((key) => ({ key, entry }))),
    ({ key }) => key,
  );
  const conflicts = new Map<DirectoryEntry, string>();
  for (const [key, claimed] of claims) {
    const owner = owners.get(key);
    const claimants = new Set(claimed.map(({ entry }) => entry));
    for (const entry of claimants) {
      const others = [...claimants].filter((each) => each !== entry).map(({ name }) => name);
      const listedAs =
        owner !== undefined && owner !== known.get(entry.person.id.toLowerCase()) ? [owner] : [];
      const sharers = [...listedAs, ...others];
      if (sharers.length > 0) conflicts.set(entry, `${key} is also ${sharers.join(' and ')}'s`);
    }
  }
  const sound = entries.filter((entry) => !conflicts.has(entry));
  const additions = new Map(
    sound.map(({ person }) => [known.get(person.id.toLowerCase()) ?? person.id, person]),
  );
  const newcomers = sound
    .filter(({ person }) => !known.has(person.id.toLowerCase()))
    .map(({ person }): Person => ({ ...person, roles: [], groups: [] }));
  return {
    people: [...listed.map((person) => withAccounts(person, additions.get(person.id))), ...newcomers],
    conflicts: [...conflicts].map(([{ name }, why]) => ({ source: name, why })),
  };
}

/** Nobody has the service's own accounts. */
export function withoutOwn(people: readonly Person[], own: OwnAccounts): Person[] {
  return people.map((person) => ({
    ...person,
    gitlabIds: person.gitlabIds.filter((id) => !own.gitlabIds.includes(id)),
    jiraAccounts: person.jiraAccounts.filter((account) => !own.jiraAccounts.includes(account)),
  }));
}

/** What leads to a person, and must lead to one only. */
function keysOf({ id, gitlabIds, jiraAccounts, emails }: DirectoryEntry['person']): string[] {
  return [
    `id ${id.toLowerCase()}`,
    ...gitlabIds.map((each) => `gitlabId ${each}`),
    ...jiraAccounts.map((each) => `jiraAccount ${each}`),
    ...new Set(emails.map((each) => `e-mail ${each.toLowerCase()}`)),
  ];
}

function withAccounts(person: Person, more: DirectoryEntry['person'] | undefined): Person {
  if (more === undefined) return person;
  return {
    ...person,
    gitlabIds: [...new Set([...person.gitlabIds, ...more.gitlabIds])],
    jiraAccounts: [...new Set([...person.jiraAccounts, ...more.jiraAccounts])],
    emails: [...new Set([...person.emails, ...more.emails])],
  };
}
