import type { Actor } from '#domain/audit/actor.ts';
import type { Person } from '#domain/gates/evidence.ts';

/** The name of whoever is behind an opaque id, if the directory has them. */
export type NameOf = (actor: Actor) => string | undefined;

/** Someone as pages show them: a name where there is one, and the id that the evidence has. */
export interface PersonView {
  id: string;
  name: string;
}

/** Every lower-case id under which whoever is meant by a word may have left traces: user name, account, numeric id. */
export type Aliases = (word: string) => string[];

/** Knows a person of the directory by id, name, mail address or account; anybody else by the word itself. */
export function aliasesFrom(people: readonly Person[]): Aliases {
  return (word) => {
    const wanted = word.trim().replace(/^@/, '').toLowerCase();
    const known = people.filter(({ id, name, gitlabIds, jiraAccounts, emails }) =>
      [id, name, ...gitlabIds.map(String), ...jiraAccounts, ...emails].some(
        (each) => each.toLowerCase() === wanted,
      ),
    );
    const ids = known.flatMap(({ id, gitlabIds, jiraAccounts }) => [
      id,
      ...gitlabIds.map(String),
      ...jiraAccounts,
    ]);
    return [wanted, ...ids.map((each) => each.toLowerCase())];
  };
}

/** Looks names up in the directory of people; the first who has an account is meant by it. */
export function namesFrom(people: readonly Person[]): NameOf {
  const by = (idsOf: (person: Person) => readonly (string | number)[]) =>
    new Map(
      people.toReversed().flatMap((person) => idsOf(person).map((id) => [`${id}`, person.name] as const)),
    );
  const persons = by(({ id }) => [id]);
  const gitlab = by(({ gitlabIds }) => gitlabIds);
  const jira = by(({ jiraAccounts }) => jiraAccounts);
  return (actor) => {
    switch (actor.kind) {
      case 'person':
        return persons.get(actor.id);
      case 'gitlab-user':
        return gitlab.get(actor.id);
      case 'jira-user':
        return jira.get(actor.id);
      case 'service':
        return 'Countersign';
      case 'operator-cli':
        return `${actor.id} (command line)`;
    }
  };
}

export function showActor(actor: Actor, nameOf: NameOf): PersonView {
  const id = actor.kind === 'service' ? `service:${actor.component}` : `${actor.kind}:${actor.id}`;
  return { id, name: nameOf(actor) ?? id };
}

/** Whoever has an account of the code host, under the name that the host shows where the directory has none. */
export function personOfHost(account: { id: number; username: string }, nameOf: NameOf): PersonView {
  const id = `@${account.username}`;
  return { id, name: nameOf({ kind: 'gitlab-user', id: String(account.id) }) ?? id };
}
