import type { Decider } from '../change.ts';
import type { Person } from './evidence.ts';

/** Their name where the directory knows the account, the account itself where it does not. */
export function nameOfAccount(people: readonly Person[], account: string): string {
  return byAccount(people, account)?.name ?? account;
}

export function byGitlabId(people: readonly Person[], id: number): Person | undefined {
  return people.find((person) => person.gitlabIds.includes(id));
}

/** E-mail addresses are compared without regard to case, as git hosts do. */
export function byEmail(people: readonly Person[], email: string): Person | undefined {
  const wanted = email.toLowerCase();
  return people.find((person) => person.emails.some((each) => each.toLowerCase() === wanted));
}

/** Reason and remedy when nobody in the directory has this entry, e.g. `jiraAccount 5b10…`. */
export function missingEntry(keys: readonly string[]): [reason: string, remedy: string] {
  return [
    `no entry in the people file has ${keys.join('; or ')}`,
    'an administrator adds it to the people file, or the commit is made by somebody who is in it',
  ];
}

/** The same for whoever decided on the ticket, with the name that the ticket system shows for them. */
export function missingAccount(account: string, name?: string): [reason: string, remedy: string] {
  return [
    `no entry in the people file has jiraAccount ${account}${name === undefined || name === '' ? '' : ` (${name})`}`,
    'an administrator adds it to the people file, or somebody who is in it approves',
  ];
}

export function byAccount(people: readonly Person[], account: string): Person | undefined {
  return people.find((person) => person.jiraAccounts.includes(account));
}

/**
 * Who has the account at this moment. Where nobody has and a part of the directory did not answer, that part may know them:
 * then it is nobody in particular, to be told at a later look.
 */
export function deciderFor(
  account: string,
  people: readonly Person[],
  unseen: readonly { source: string }[],
): Decider | undefined {
  const person = byAccount(people, account);
  if (person !== undefined) return deciderOf(person, unseen);
  if (unseen.length === 0) return undefined;
  const nobody = { person: '', name: account, roles: [], groups: [], insteadOf: [] };
  return { ...nobody, unseen: unseen.map(({ source }) => source) };
}

/** Who that is at this moment, as far as approvals go: with what others handed over to them. */
export function deciderOf(person: Person, unseen: readonly { source: string }[] = []): Decider {
  const { id, name, roles, groups, standsInFor = [] } = person;
  const ofOthers = standsInFor.flatMap((each) => each.groups);
  const approves = standsInFor.length > 0 && !roles.includes('approver');
  return {
    person: id,
    name,
    roles: approves ? [...roles, 'approver'] : roles,
    groups: [...new Set([...groups, ...ofOthers])],
    insteadOf: standsInFor.map((each) => each.person),
    unseen: unseen.map(({ source }) => source),
  };
}
