import { dirname, resolve } from 'node:path';
import type { Person } from '#domain/gates/evidence.ts';
import { withAbsolutePaths } from './config/absolute-paths.ts';
import { loadCalendar } from './config/calendar.ts';
import { directoryProblems, readPeople } from './config/directory.ts';
import { ConfigurationError, type Problem } from './config/problems.ts';
import { productionProblems } from './config/production.ts';
import { readYaml, type YamlFile } from './config/read-yaml.ts';
import { loadRules } from './config/rules.ts';
import { type ConfigFile, configSchema } from './config/schema.ts';
import { type SecretReader, secretReader } from './config/secret-files.ts';
import { loadTiers } from './config/tiers.ts';
import type { Config, Secrets } from './config/types.ts';

export type { Config, Secrets } from './config/types.ts';
export { importAtlantis } from './config/atlantis/import-atlantis.ts';
export { ConfigurationError } from './config/problems.ts';
export { readMandateTerms } from './config/mandate-terms.ts';
export { plansAtOnce } from './config/plans-at-once.ts';
export { readPeople } from './config/directory.ts';
export { stateProblemsOf, stateReadersOf } from './config/state-problems.ts';
export { defaultBinary } from './config/terraform-schema.ts';
export { describeConfig } from './config/describe.ts';
export { configurationHash, runVariables } from './config/project-settings.ts';
export {
  type GoverningReading,
  type GoverningTexts,
  readGoverning,
} from './config/repository/governing.ts';
export type { RuleReaders } from './config/repository/policies.ts';
export { REPOSITORY_FILE, readRepositoryFile } from './config/repository/read-repository-file.ts';
export {
  type Resolution,
  type ResolvedProject,
  resolveRepository,
  type ServerSide,
} from './config/repository/resolve.ts';
export { anyServer, readServerSide, type ServerReading } from './config/repository/server-side.ts';
export { watch } from './config/repository/when-modified.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads everything that is configured, once, before anything else: `COUNTERSIGN_CONFIG` (default
 * `./countersign.server.yaml`), the files it names, and the database and Redis URLs from the environment.
 * Throws a ConfigurationError that lists every problem with its place.
 */
export function loadConfig(environment: Environment = process.env): { config: Config; secrets: Secrets } {
  const path = resolve(environment['COUNTERSIGN_CONFIG'] ?? 'countersign.server.yaml');
  const reading = readYaml(path, configSchema);
  if (!reading.ok) throw new ConfigurationError([...reading.problems, ...urlsFrom(environment).problems]);
  const { placeOf } = reading.file;
  const { rules: ruleEntries, tierRules: _, ...file } = withAbsolutePaths(reading.file.value, dirname(path));

  const people = readPeople(file);
  const rules = loadRules(ruleEntries, dirname(path), placeOf);
  const tiers = loadTiers(reading.file.value, placeOf);
  const calendar = loadCalendar(file.calendar, file.tiers, dirname(path), (...keys) =>
    placeOf(['calendar', ...keys]),
  );
  const urls = urlsFrom(environment);
  const reader = secretReader(file.mode === 'production');
  const secrets = readSecrets(file, reader, placeOf, urls);
  checkRunVariables(file, reader, placeOf);
  reader.text(file.audit.signerKeyFile, placeOf(['audit', 'signerKeyFile']));
  const problems = [
    ...productionProblems(reading.file.value, placeOf),
    ...unknownWorkflows(file, placeOf),
    ...directoryProblems(file, placeOf),
    ...(people.ok ? unknownPeople(file, people.people, placeOf) : people.problems),
    ...rules.problems,
    ...tiers.problems,
    ...calendar.problems,
    ...reader.problems,
    ...urls.problems,
  ];
  if (problems.length > 0 || !people.ok) throw new ConfigurationError(problems);
  return {
    config: frozen({
      ...file,
      path,
      rules: rules.rules,
      tierRules: tiers.tierRules,
      calendar: calendar.calendar,
      people: people.people,
      peopleFile: file.people,
    }),
    secrets: frozen(secrets),
  };
}

type PlaceOf = YamlFile<unknown>['placeOf'];

interface Urls {
  databaseUrl: string;
  migrationDatabaseUrl: string | undefined;
  redisUrl: string | undefined;
  problems: Problem[];
}

/** Connection URLs hold passwords and differ per machine, so they come from `NAME` or, as a file, `NAME_FILE`. */
function urlsFrom(environment: Environment): Urls {
  const problems: Problem[] = [];
  const reader = secretReader(false);
  const get = (name: string, protocols: readonly string[]): string | undefined => {
    const file = environment[`${name}_FILE`];
    const text = file === undefined ? environment[name] : reader.text(file, `${name}_FILE`);
    if (text === undefined || text === '') return undefined;
    const protocol = URL.parse(text)?.protocol;
    if (protocol === undefined || !protocols.includes(protocol))
      problems.push({ place: name, what: `expected a URL that starts with ${protocols.join('// or ')}//` });
    return text;
  };
  const postgres = ['postgres:', 'postgresql:'];
  const databaseUrl = get('DATABASE_URL', postgres);
  const migrationDatabaseUrl = get('MIGRATION_DATABASE_URL', postgres);
  const redisUrl = get('REDIS_URL', ['redis:', 'rediss:']);
  problems.push(...reader.problems);
  if (databaseUrl === undefined && reader.problems.length === 0)
    problems.push({
      place: 'DATABASE_URL',
      what: 'is not set; expected the PostgreSQL URL of the application role',
    });
  return { databaseUrl: databaseUrl ?? '', migrationDatabaseUrl, redisUrl, problems };
}

function readSecrets(
  {
    auth,
    directory,
    gitlab,
    jira,
    keys,
  }: Pick<ConfigFile, 'auth' | 'directory' | 'gitlab' | 'jira' | 'keys'>,
  reader: SecretReader,
  placeOf: PlaceOf,
  { databaseUrl, migrationDatabaseUrl, redisUrl }: Urls,
): Secrets {
  const all = (paths: readonly string[], ...at: PropertyKey[]) =>
    paths.map((path, index) => reader.text(path, placeOf([...at, index])));
  return {
    databaseUrl,
    migrationDatabaseUrl,
    redisUrl,
    gitlab: {
      token: reader.text(gitlab.tokenFile, placeOf(['gitlab', 'tokenFile'])),
      cloneToken: reader.text(gitlab.cloneTokenFile, placeOf(['gitlab', 'cloneTokenFile'])),
      hooks: gitlab.hooks.map(({ segment, signingTokenFiles, tokenFiles }, index) => ({
        segment,
        signingTokens: all(signingTokenFiles, 'gitlab', 'hooks', index, 'signingTokenFiles'),
        tokens: all(tokenFiles, 'gitlab', 'hooks', index, 'tokenFiles'),
      })),
    },
    jira: {
      token:
        jira.flavour === 'cloud'
          ? reader.text(jira.apiTokenFile, placeOf(['jira', 'apiTokenFile']))
          : reader.text(jira.tokenFile, placeOf(['jira', 'tokenFile'])),
      hookSecrets: all(jira.hook.secretFiles, 'jira', 'hook', 'secretFiles'),
    },
    ldapPassword:
      directory.ldap &&
      reader.text(directory.ldap.passwordFile, placeOf(['directory', 'ldap', 'passwordFile'])),
    oidcClientSecret:
      auth.mode === 'oidc'
        ? reader.text(auth.clientSecretFile, placeOf(['auth', 'clientSecretFile']))
        : undefined,
    planDigestKey: reader.key(keys.planDigestKeyFile, placeOf(['keys', 'planDigestKeyFile'])),
    bundleKeys: keys.bundleKeyFiles.map((path, index) =>
      reader.key(path, placeOf(['keys', 'bundleKeyFiles', index])),
    ),
  };
}

/** Run variables are read anew for each run, since others rotate them; that they are there is asked now. */
function checkRunVariables(
  file: Pick<ConfigFile, 'credentials'>,
  reader: SecretReader,
  placeOf: PlaceOf,
): void {
  for (const [index, entry] of file.credentials.entries()) {
    for (const phase of ['plan', 'apply'] as const) {
      for (const [name, value] of Object.entries(entry[phase])) {
        if (typeof value !== 'string') reader.text(value.file, placeOf(['credentials', index, phase, name]));
      }
    }
  }
}

/** A name that leads to no workflow would be found out by the first plan only. */
function unknownWorkflows(
  { repositories, workflows }: Pick<ConfigFile, 'repositories' | 'workflows'>,
  placeOf: PlaceOf,
): Problem[] {
  const isKnown = (name: string) => name === 'default' || Object.hasOwn(workflows, name);
  return repositories.flatMap(({ projects }, repository) =>
    projects.flatMap(({ allow, workflow }, entry) => {
      const at = (...keys: PropertyKey[]) =>
        placeOf(['repositories', repository, 'projects', entry, ...keys]);
      return [
        ...(workflow === undefined || isKnown(workflow) ? [] : [{ place: at('workflow'), name: workflow }]),
        ...allow.workflows.flatMap((name, i) =>
          isKnown(name) ? [] : [{ place: at('allow', 'workflows', i), name }],
        ),
      ].map(({ place, name }) => ({ place, what: `there is no workflow ${name}` }));
    }),
  );
}

function unknownPeople(
  { auth, directory }: Pick<ConfigFile, 'auth' | 'directory'>,
  people: readonly Person[],
  placeOf: PlaceOf,
): Problem[] {
  // Those whom LDAP has are known only while it is asked.
  if (directory.ldap?.people === true) return [];
  const known = new Set(people.map((person) => person.id));
  const stranger = (person: string, ...at: PropertyKey[]): Problem[] =>
    known.has(person) ? [] : [{ place: placeOf(at), what: `${person} is not in the people file` }];
  return [
    ...tokensOf(auth).flatMap(({ person }, index) => stranger(person, 'auth', 'tokens', index, 'person')),
    ...directory.groups.flatMap(({ people: members = [] }, index) =>
      members.flatMap((person, i) => stranger(person, 'directory', 'groups', index, 'people', i)),
    ),
  ];
}

function tokensOf(auth: ConfigFile['auth']): readonly { person: string }[] {
  return auth.mode === 'demo' ? [] : auth.tokens;
}

/** Frozen to the bottom; bytes stay as they are, since arrays of bytes cannot be frozen. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}
