import { type Entry, escapeFilter } from 'ldapts';
import type { DirectoryEntry, GroupMembers } from '#app/ports/directory.ts';
import { type LdapConnection, type LdapSearch, withLdap } from './connection.ts';
import { LdapFault } from './fault.ts';
import { type LdapAttributes, toDirectoryEntry, valuesOf } from './person-entry.ts';

export interface LdapOptions extends LdapConnection {
  /** Where people are, and which entries below are people. */
  base: string;
  filter: string;
  attributes: LdapAttributes;
}

/** How the members of a group are found. */
export type LdapGroup =
  /** The group's own entry names them: `member`, `uniqueMember` or `memberUid`. */
  | { dn: string; via: 'member' }
  /** Their own entries name the group: the server keeps `memberOf`. */
  | { dn: string; via: 'memberOf' }
  /** Those of groups in the group as well; Active Directory and Samba follow them (LDAP_MATCHING_RULE_IN_CHAIN). */
  | { dn: string; via: 'nested' }
  /** Whoever fits. */
  | { filter: string };

const IN_CHAIN = '1.2.840.113556.1.4.1941';
/** What Active Directory says of itself in its root entry (LDAP_CAP_ACTIVE_DIRECTORY_OID). */
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';
const MEMBERS = ['member', 'uniqueMember', 'memberUid'];

/** People and groups of an LDAP server. Every method is one connection; what cannot be read is an `LdapFault`. */
export function createLdapDirectory(options: LdapOptions) {
  const { attributes } = options;
  return {
    /** Everybody whose entry has what is mapped; whoever lacks an id, a name or an address is nobody we know. */
    people: (): Promise<DirectoryEntry[]> =>
      withLdap(options, async (search) => {
        const wanted = Object.values(attributes);
        const found = await search(options.base, { filter: options.filter, attributes: wanted });
        return found.flatMap((entry) => toDirectoryEntry(entry, attributes) ?? []);
      }),

    /** Ids of the people in a group. A group that is not there is a fault: it is a mistake, or hidden from our account. */
    members: (group: LdapGroup): Promise<GroupMembers> =>
      withLdap(options, async (search) => ({ people: await membersOf(options, search, group) })),
  };
}

async function membersOf(options: LdapOptions, search: LdapSearch, group: LdapGroup): Promise<string[]> {
  const those = (filter: string) => peopleWho(options, search, filter);
  if ('filter' in group) return idsOf(options, await those(group.filter));
  const entry = await groupEntry(search, group.dn);
  switch (group.via) {
    case 'memberOf':
      return idsOf(options, await those(escapeFilter`(memberOf=${group.dn})`));
    case 'nested':
      await mustFollowGroups(search);
      return idsOf(options, await those(`(memberOf:${IN_CHAIN}:=${escapeFilter`${group.dn}`})`));
    case 'member': {
      const named = listedIn(entry);
      const people = await those('(objectClass=*)');
      return idsOf(
        options,
        people.filter(
          (each) =>
            named.dns.has(normalized(each.dn)) || valuesOf(each, 'uid').some((uid) => named.uids.has(uid)),
        ),
      );
    }
  }
}

function peopleWho(
  { attributes, base, filter }: LdapOptions,
  search: LdapSearch,
  who: string,
): Promise<Entry[]> {
  return search(base, { filter: `(&${filter}${who})`, attributes: [attributes.id, 'uid'] });
}

function idsOf({ attributes }: LdapOptions, entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => valuesOf(entry, attributes.id).slice(0, 1));
}

async function groupEntry(search: LdapSearch, dn: string): Promise<Entry> {
  const [entry] = await search(dn, { scope: 'base', filter: '(objectClass=*)', attributes: MEMBERS });
  if (entry === undefined) throw new LdapFault('ldap-not-found', `LDAP shows no group ${dn} to our account`);
  return entry;
}

/** A server that does not know the rule answers with nobody, which would be taken for an empty group. */
async function mustFollowGroups(search: LdapSearch): Promise<void> {
  const [root] = await search('', {
    scope: 'base',
    filter: '(objectClass=*)',
    attributes: ['supportedCapabilities'],
  });
  if (root === undefined || !valuesOf(root, 'supportedCapabilities').includes(ACTIVE_DIRECTORY))
    throw new LdapFault('ldap-rejected', 'this LDAP server does not follow groups in groups (via: nested)');
}

function listedIn(entry: Entry): { dns: Set<string>; uids: Set<string> } {
  // Active Directory tells the first 1,500 of many as `member;range=0-1499`.
  const partial = Object.keys(entry).find((key) => key.toLowerCase().startsWith('member;range='));
  if (partial !== undefined)
    throw new LdapFault('ldap-rejected', `the group ${entry.dn} has too many members for via: member`);
  const dns = [...valuesOf(entry, 'member'), ...valuesOf(entry, 'uniqueMember')];
  return { dns: new Set(dns.map(normalized)), uids: new Set(valuesOf(entry, 'memberUid')) };
}

/** Distinguished names are compared without regard to case and to blanks around their signs. */
function normalized(dn: string): string {
  return dn.toLowerCase().replace(/\s*([,=+])\s*/g, '$1');
}
