import { z } from 'zod';
import type { Person } from '#domain/gates/evidence.ts';
import type { Handovers } from '#domain/handover.ts';
import type { Problem } from './problems.ts';
import { readYaml, type YamlFile } from './read-yaml.ts';

const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/, 'expected letters, digits, dots, dashes, at most 128');
const gitlabId = z.int().positive('expected the numeric id of a GitLab user');
const jiraAccount = z.string().regex(/^[A-Za-z0-9:._@-]{1,128}$/, 'expected a JIRA account id');
const group = z.string().min(1).max(200);
const time = z.iso.datetime({
  offset: true,
  error: 'expected a time with its zone such as 2026-12-24T18:00:00+09:00',
});

/** One or several: most people have one account on a system, and some have two. */
const some = <T extends z.ZodType>(one: T) =>
  z.union([one, z.array(one)]).transform((found): z.output<T>[] => (Array.isArray(found) ? found : [found]));

const person = z.strictObject({
  id,
  name: z.string().min(1).max(200),
  gitlabId: some(gitlabId).default([]),
  jiraAccount: some(jiraAccount).default([]),
  emails: z.array(z.email('expected an e-mail address')).min(1),
  roles: z.array(z.enum(['requester', 'reviewer', 'approver', 'operator'])).default([]),
  groups: z.array(group).default([]),
});
const peopleSchema = z.strictObject({
  people: z.array(person),
  delegations: z
    .array(
      z.strictObject({
        from: id,
        to: id,
        since: time.exactOptional(),
        until: time,
        groups: z.array(group).min(1).exactOptional(),
      }),
    )
    .default([]),
  away: z.array(z.strictObject({ person: id, from: time, until: time })).default([]),
});
type PeopleFile = z.output<typeof peopleSchema>;

/** What the rest of the configuration says of people. */
export interface PeopleContext {
  /** JIRA accounts of the service itself, which are nobody's. */
  ownAccounts: readonly string[];
  /** Groups whose members are read elsewhere. */
  sourcedGroups: readonly string[];
  /** Some people are read elsewhere, so an id that is not in the file may still be somebody's. */
  othersElsewhere: boolean;
}

export type PeopleReading =
  | { ok: true; people: readonly Person[]; handovers: Handovers }
  | { ok: false; problems: readonly Problem[] };

/**
 * Reads the people file: who is who on GitLab, in JIRA and in commits, who stands in for whom and who is away. An id,
 * account or e-mail address that two people share is refused: four eyes need to be told apart.
 */
export function loadPeople(
  path: string,
  context: PeopleContext = { ownAccounts: [], sourcedGroups: [], othersElsewhere: false },
): PeopleReading {
  const reading = readYaml(path, peopleSchema);
  if (!reading.ok) return reading;
  const { file } = reading;
  const problems = [
    ...sharedKeys(file),
    ...ownAccounts(file, context),
    ...sourcedGroups(file, context),
    ...wrongHandovers(file, context),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const { people, delegations, away } = file.value;
  return { ok: true, people: people.map(toPerson), handovers: { delegations, away } };
}

function toPerson({
  gitlabId: gitlabIds,
  jiraAccount: jiraAccounts,
  ...rest
}: PeopleFile['people'][number]): Person {
  return { ...rest, gitlabIds, jiraAccounts };
}

function sharedKeys({ value, placeOf }: YamlFile<PeopleFile>): Problem[] {
  const owners = new Map<string, number>();
  const problems: Problem[] = [];
  const claim = (index: number, key: string, keys: readonly PropertyKey[]) => {
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, index);
    else if (owner !== index)
      problems.push({
        place: placeOf(['people', index, ...keys]),
        what: `${key} belongs to ${value.people[owner]?.id ?? 'somebody'} already; it must lead to one person`,
      });
  };
  value.people.forEach((each, index) => {
    claim(index, `id ${each.id}`, ['id']);
    for (const one of each.gitlabId) claim(index, `gitlabId ${one}`, ['gitlabId']);
    for (const one of each.jiraAccount) claim(index, `jiraAccount ${one}`, ['jiraAccount']);
    each.emails.forEach((email, i) => claim(index, `e-mail ${email.toLowerCase()}`, ['emails', i]));
  });
  return problems;
}

function ownAccounts({ value, placeOf }: YamlFile<PeopleFile>, context: PeopleContext): Problem[] {
  return value.people.flatMap((each, index) =>
    each.jiraAccount
      .filter((account) => context.ownAccounts.includes(account))
      .map((account) => ({
        place: placeOf(['people', index, 'jiraAccount']),
        what: `jiraAccount ${account} is the service's own and can be nobody's`,
      })),
  );
}

/** Somebody who is taken out of the group where it is kept would stay in it here. */
function sourcedGroups({ value, placeOf }: YamlFile<PeopleFile>, context: PeopleContext): Problem[] {
  return value.people.flatMap((each, index) =>
    each.groups.flatMap((name, i) =>
      context.sourcedGroups.includes(name)
        ? [
            {
              place: placeOf(['people', index, 'groups', i]),
              what: `the members of ${name} are read where directory.groups of the server's file says; nobody is put into it here`,
            },
          ]
        : [],
    ),
  );
}

function wrongHandovers(
  { value, placeOf }: YamlFile<PeopleFile>,
  { othersElsewhere }: PeopleContext,
): Problem[] {
  const ids = new Set(value.people.map((each) => each.id));
  const stranger = (who: string, ...at: PropertyKey[]): Problem[] =>
    othersElsewhere || ids.has(who) ? [] : [{ place: placeOf(at), what: `${who} is not in the people file` }];
  const backwards = (from: string | undefined, until: string, ...at: PropertyKey[]): Problem[] =>
    from === undefined || Date.parse(from) < Date.parse(until)
      ? []
      : [{ place: placeOf(at), what: `until ${until} is not after ${from}` }];
  return [
    ...value.delegations.flatMap(({ from, to, since, until }, i) => [
      ...stranger(from, 'delegations', i, 'from'),
      ...stranger(to, 'delegations', i, 'to'),
      ...(from === to
        ? [{ place: placeOf(['delegations', i, 'to']), what: `${to} cannot stand in for themselves` }]
        : []),
      ...backwards(since, until, 'delegations', i, 'until'),
    ]),
    ...value.away.flatMap(({ person: who, from, until }, i) => [
      ...stranger(who, 'away', i, 'person'),
      ...backwards(from, until, 'away', i, 'until'),
    ]),
  ];
}
