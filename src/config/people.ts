import { z } from 'zod';
import type { Person } from '#domain/gates/evidence.ts';
import type { Problem } from './problems.ts';
import { readYaml, type YamlFile } from './read-yaml.ts';

const person = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/, 'expected letters, digits, dots, dashes, at most 128'),
  name: z.string().min(1).max(200),
  gitlabId: z.int().positive('expected the numeric id of a GitLab user'),
  jiraAccount: z.string().regex(/^[A-Za-z0-9:-]{1,128}$/, 'expected a JIRA account id'),
  emails: z.array(z.email('expected an e-mail address')).min(1),
  roles: z.array(z.enum(['requester', 'reviewer', 'approver', 'operator'])).min(1),
  groups: z.array(z.string().min(1).max(200)).default([]),
});
const peopleSchema = z.strictObject({ people: z.array(person) });

export type PeopleReading =
  | { ok: true; people: readonly Person[] }
  | { ok: false; problems: readonly Problem[] };

/**
 * Reads the people file: who is who on GitLab, in JIRA and in commits. An id, account or e-mail address that two people
 * share is refused: four eyes need to be told apart.
 */
export function loadPeople(path: string): PeopleReading {
  const reading = readYaml(path, peopleSchema);
  if (!reading.ok) return reading;
  const problems = sharedKeys(reading.file);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, people: reading.file.value.people };
}

function sharedKeys({ value, placeOf }: YamlFile<z.output<typeof peopleSchema>>): Problem[] {
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
  value.people.forEach(({ id, gitlabId, jiraAccount, emails }, index) => {
    claim(index, `id ${id}`, ['id']);
    claim(index, `gitlabId ${gitlabId}`, ['gitlabId']);
    claim(index, `jiraAccount ${jiraAccount}`, ['jiraAccount']);
    emails.forEach((email, i) => claim(index, `e-mail ${email.toLowerCase()}`, ['emails', i]));
  });
  return problems;
}
