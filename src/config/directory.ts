import { loadPeople, type PeopleReading } from './people.ts';
import type { Problem } from './problems.ts';
import type { ConfigFile } from './schema.ts';

type PlaceOf = (path: readonly PropertyKey[]) => string;

/** What the people file has to be read with. */
export interface PeopleSettings extends Pick<ConfigFile, 'directory' | 'jira'> {
  /** The file's path. */
  people?: string | undefined;
}

/** Who is listed; nobody where LDAP has everybody. Read anew by whoever decides, so that an edit needs no restart. */
export function readPeople({ people, directory, jira }: PeopleSettings): PeopleReading {
  if (people === undefined) return { ok: true, people: [], handovers: { delegations: [], away: [] } };
  return loadPeople(people, {
    ownAccounts: [jira.botAccount],
    sourcedGroups: directory.groups.map(({ name }) => name),
    othersElsewhere: directory.ldap?.people === true,
  });
}

/** What of the directory cannot be: a group that is read nowhere, or twice, and nobody who is anybody. */
export function directoryProblems(
  { auth, directory, people }: Pick<ConfigFile, 'auth' | 'directory' | 'people'>,
  placeOf: PlaceOf,
): Problem[] {
  const { groups, ldap } = directory;
  const at = (index: number, key: string) => placeOf(['directory', 'groups', index, key]);
  return [
    ...(people === undefined && ldap?.people !== true
      ? [
          {
            place: placeOf(['people']),
            what: 'people: is missing; expected the people file, or directory.ldap.people',
          },
        ]
      : []),
    ...groups.flatMap((group, index) => [
      ...(groups.findIndex(({ name }) => name === group.name) < index
        ? [{ place: at(index, 'name'), what: `there is a group ${group.name} already` }]
        : []),
      ...(group.ldap !== undefined && ldap === undefined
        ? [{ place: at(index, 'ldap'), what: 'there is no directory.ldap that could be asked' }]
        : []),
      ...(group.oidc !== undefined && auth.mode !== 'oidc'
        ? [{ place: at(index, 'oidc'), what: 'nobody logs in with claims: auth.mode is not oidc' }]
        : []),
    ]),
  ];
}
