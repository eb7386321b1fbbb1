import { setTimeout as after } from 'node:timers/promises';
import { Fault } from '#domain/fault.ts';
import type { Person, PersonRole } from '#domain/gates/evidence.ts';
import { type Handovers, withHandovers } from '#domain/handover.ts';
import type {
  Directory,
  DirectoryEntry,
  DirectoryReading,
  GroupMembers,
  UnseenSource,
} from '../ports/directory.ts';
import { joinPeople, type OwnAccounts, withoutOwn } from './join-people.ts';

/** Where people and groups are read. Each part throws a `Fault` when it cannot be read. */
export interface DirectoryParts {
  /** The server's own list of who is who. */
  listed(): Promise<{ people: readonly Person[]; handovers: Handovers }>;
  /** People that a directory service keeps, if one is configured to. */
  entries?: { source: string; read(): Promise<readonly DirectoryEntry[]> };
  groups: readonly NamedGroup[];
  /** The service's own accounts: they are nobody's, whoever says so. */
  own(): Promise<OwnAccounts>;
  /** The database's time, RFC 3339. */
  now(): Promise<string>;
  /** For how long a reading may serve other looks. */
  freshMs: number;
  /** For how long a part is waited for. */
  patienceMs: number;
}

export interface NamedGroup {
  name: string;
  roles: readonly PersonRole[];
  /** Where its members are read, in words. */
  source: string;
  members: () => Promise<GroupMembers>;
}

const LIST = 'the people file';
const LATE = Symbol('late');

/** The directory over its parts, all asked at once. Without the list nobody is anybody; without a group nobody is known to be in it. */
export function createDirectory(parts: DirectoryParts): Directory {
  let last: { begun: number; reading: Promise<DirectoryReading> } | undefined;
  return {
    read({ fresh = false } = {}) {
      const begun = performance.now();
      if (!fresh && last !== undefined && begun - last.begun <= parts.freshMs) return last.reading;
      const reading = readAll(parts);
      last = { begun, reading };
      // What broke is asked again.
      reading.catch(() => {
        if (last?.reading === reading) last = undefined;
      });
      return reading;
    },
  };
}

async function readAll(parts: DirectoryParts): Promise<DirectoryReading> {
  const { entries, patienceMs } = parts;
  const [at, listed, others, own, groups] = await Promise.all([
    parts.now(),
    look(LIST, patienceMs, () => parts.listed()),
    entries === undefined ? undefined : look(entries.source, patienceMs, () => entries.read()),
    look('our own accounts', patienceMs, () => parts.own()),
    Promise.all(
      parts.groups.map(async (group) => ({
        group,
        found: await look(group.source, patienceMs, group.members),
      })),
    ),
  ]);
  const unseen = [listed, others, own, ...groups.map(({ found }) => found)].flatMap((each) =>
    each === undefined || each.seen ? [] : [each.unseen],
  );
  // Who is who cannot be told without the list, nor who is nobody without our own accounts.
  if (!listed.seen || !own.seen) return { people: [], unseen };
  const joined = joinPeople(listed.value.people, others?.seen === true ? others.value : []);
  const seen = groups.flatMap(({ group, found }) => (found.seen ? [{ group, members: found.value }] : []));
  const people = withoutOwn(joined.people, own.value).map((person) => withGroups(person, seen));
  return {
    people: withHandovers(people, listed.value.handovers, at),
    unseen: [...unseen, ...joined.conflicts],
  };
}

type Look<T> = { seen: true; value: T } | { seen: false; unseen: UnseenSource };

/**
 * A fault is not seen, with its reason; nor is what takes too long, since whoever tries again and again would keep all others
 * waiting. Anything else thrown is a bug and stays one.
 */
async function look<T>(source: string, patienceMs: number, ask: () => Promise<T>): Promise<Look<T>> {
  const clock = new AbortController();
  try {
    const limit = after(patienceMs, LATE, { signal: clock.signal });
    const value = await Promise.race([ask(), limit]);
    const why = `no answer within ${patienceMs / 1000} s`;
    return value === LATE ? { seen: false, unseen: { source, why } } : { seen: true, value };
  } catch (error) {
    if (error instanceof Fault) return { seen: false, unseen: { source, why: error.message } };
    throw error;
  } finally {
    clock.abort();
  }
}

function withGroups(person: Person, groups: readonly { group: NamedGroup; members: GroupMembers }[]): Person {
  const theirs = groups.filter(({ members }) => isIn(person, members)).map(({ group }) => group);
  return {
    ...person,
    roles: unique([...person.roles, ...theirs.flatMap(({ roles }) => roles)]),
    groups: unique([...person.groups, ...theirs.map(({ name }) => name)]),
  };
}

function isIn(person: Person, { gitlabIds = [], jiraAccounts = [], people = [] }: GroupMembers): boolean {
  const id = person.id.toLowerCase();
  return (
    person.gitlabIds.some((each) => gitlabIds.includes(each)) ||
    person.jiraAccounts.some((each) => jiraAccounts.includes(each)) ||
    people.some((each) => each.toLowerCase() === id)
  );
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
