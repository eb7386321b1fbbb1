import { createLdapDirectory } from '#adapters/ldap/ldap-directory.ts';
import { createDirectory, type DirectoryParts, type NamedGroup } from '#app/directory/create-directory.ts';
import { createKnownPeople } from '#app/directory/known-people.ts';
import type { Ledger } from '#app/ledger.ts';
import type { CodeHost } from '#app/ports/code-host.ts';
import type { Directory, GroupMembers } from '#app/ports/directory.ts';
import type { Ticketing } from '#app/ports/ticketing.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { Fault } from '#domain/fault.ts';
import { createLoginClaims } from '#store/login-claims.ts';
import type { composeBase } from './compose.ts';
import { type Config, readPeople, type Secrets } from './config.ts';

/** A source that takes longer does not answer. */
const PATIENCE_MS = 10_000;

/** Names seldom change, and decide nothing. */
const NAMES_FRESH_MS = 60_000;
/** The first page does without the names of LDAP rather than wait for longer. */
const NAMES_PATIENCE_MS = 3_000;

/** The systems in which groups are kept. */
interface Hosts {
  codeHost: Pick<CodeHost, 'self' | 'groupMembers'>;
  ticketing: Pick<Ticketing, 'self' | 'groupMembers'>;
}

/** The directory of people over everything that the server's file names. */
export function composeDirectory(
  config: Config,
  secrets: Secrets,
  { db, ledger }: Pick<ReturnType<typeof composeBase>, 'db' | 'ledger'>,
  { codeHost, ticketing }: Hosts,
): Directory {
  const ldap = composeLdap(config, secrets);
  const sources: Sources = { codeHost, ticketing, ldap, claims: createLoginClaims(db), config };
  return createDirectory({
    ...partsOfPeople(config, ldap, ledger),
    groups: config.directory.groups.map((group) => namedGroup(group, sources)),
    async own() {
      const [{ id }, account] = await Promise.all([codeHost.self(), ticketing.self()]);
      return { gitlabIds: [id], jiraAccounts: [account] };
    },
  });
}

/** Who is who, and no more: for those who log in. */
export function composePeople(
  config: Config,
  secrets: Secrets,
  { ledger }: Pick<ReturnType<typeof composeBase>, 'ledger'>,
): Directory {
  return createDirectory({
    ...partsOfPeople(config, composeLdap(config, secrets), ledger),
    groups: [],
    own: async () => ({ gitlabIds: [], jiraAccounts: [] }),
  });
}

/** Who is who, for pages. */
export function composeKnownPeople(
  config: Config,
  secrets: Secrets,
  base: Pick<ReturnType<typeof composeBase>, 'ledger' | 'log'>,
): () => Promise<readonly Person[]> {
  return createKnownPeople(composePeople(config, secrets, base), {
    listed: config.people,
    freshMs: NAMES_FRESH_MS,
    patienceMs: NAMES_PATIENCE_MS,
    onError: (err) => base.log.warn({ err }, 'the names of people could not be read anew'),
  });
}

type Ldap = ReturnType<typeof createLdapDirectory> | undefined;

function partsOfPeople(
  config: Config,
  ldap: Ldap,
  ledger: Pick<Ledger, 'now'>,
): Omit<DirectoryParts, 'groups' | 'own'> {
  const { freshSeconds, ldap: configured } = config.directory;
  return {
    listed: async () => listed(config),
    ...(ldap === undefined || configured?.people !== true
      ? {}
      : { entries: { source: 'LDAP', read: () => ldap.people() } }),
    now: () => ledger.now(),
    freshMs: freshSeconds * 1000,
    patienceMs: PATIENCE_MS,
  };
}

/** Read anew each time: whoever is taken out, or hands over, is so at once. */
function listed({ directory, jira, peopleFile }: Config) {
  const reading = readPeople({ directory, jira, people: peopleFile });
  if (reading.ok) return reading;
  const [first] = reading.problems;
  throw new Fault('people-file', `${first?.place ?? ''}: ${first?.what ?? ''}`, { retryable: true });
}

function composeLdap({ directory }: Config, secrets: Secrets) {
  if (directory.ldap === undefined) return undefined;
  const { bindDn, caFile, pageSize, startTls, timeoutSeconds, url, base, filter, attributes } =
    directory.ldap;
  return createLdapDirectory({
    url,
    startTls,
    bindDn,
    password: secrets.ldapPassword ?? '',
    timeoutMs: timeoutSeconds * 1000,
    pageSize,
    base,
    filter,
    attributes,
    ...(caFile === undefined ? {} : { caFile }),
  });
}

type GroupEntry = Config['directory']['groups'][number];

interface Sources extends Hosts {
  ldap: Ldap;
  claims: ReturnType<typeof createLoginClaims>;
  config: Config;
}

/** The file's schema sees to it that a group has exactly one source. */
function namedGroup(group: GroupEntry, sources: Sources): NamedGroup {
  const { gitlab, jira, ldap, oidc, people, name, roles } = group;
  const from = (source: string, members: () => Promise<GroupMembers>) => ({ name, roles, source, members });
  if (gitlab !== undefined)
    return from(`GitLab's group ${gitlab.group}`, () => gitlabMembers(sources, gitlab));
  if (jira !== undefined)
    return from(`JIRA's group ${jira.group}`, async () => ({
      jiraAccounts: await sources.ticketing.groupMembers(jira.group),
    }));
  if (ldap !== undefined)
    return from(`LDAP's group ${'dn' in ldap ? ldap.dn : ldap.filter}`, () => ldapMembers(sources, ldap));
  if (oidc !== undefined)
    return from(`the log-in's group ${oidc.value}`, async () => ({
      people: await sources.claims.namedIn(oidc.value, claimsValidSeconds(sources.config)),
    }));
  return from(`the group ${name} of the server's file`, async () => ({ people: people ?? [] }));
}

async function gitlabMembers(
  { codeHost }: Hosts,
  { accessLevel, group, inherited }: NonNullable<GroupEntry['gitlab']>,
): Promise<GroupMembers> {
  const answer = await codeHost.groupMembers(group, { inherited });
  if (!answer.ok) throw new Fault('gitlab-group-hidden', answer.reason, { retryable: true });
  const members = answer.value.filter((member) => member.accessLevel >= accessLevel);
  return { gitlabIds: members.map(({ id }) => id) };
}

async function ldapMembers({ ldap }: Sources, group: NonNullable<GroupEntry['ldap']>): Promise<GroupMembers> {
  if (ldap === undefined) throw new Error('a group of LDAP without directory.ldap');
  return ldap.members(group);
}

function claimsValidSeconds({ auth }: Config): number {
  return auth.mode === 'oidc' ? auth.groupsValidSeconds : 0;
}
