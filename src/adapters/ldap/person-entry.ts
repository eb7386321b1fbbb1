import type { Entry } from 'ldapts';
import type { DirectoryEntry } from '#app/ports/directory.ts';

/** Names of the attributes that tell who somebody is. */
export interface LdapAttributes {
  id: string;
  name: string;
  emails: string;
  gitlabId?: string;
  jiraAccount?: string;
}

/** The person an entry is about; `undefined` for one that lacks an id, a name or an address. */
export function toDirectoryEntry(entry: Entry, attributes: LdapAttributes): DirectoryEntry | undefined {
  const [id] = valuesOf(entry, attributes.id);
  const [name] = valuesOf(entry, attributes.name);
  const emails = valuesOf(entry, attributes.emails);
  if (id === undefined || name === undefined || emails.length === 0) return undefined;
  const gitlabIds = attributes.gitlabId === undefined ? [] : valuesOf(entry, attributes.gitlabId);
  return {
    name: `LDAP entry ${entry.dn}`,
    person: {
      id,
      name,
      emails,
      // What is no number is no GitLab user's id.
      gitlabIds: gitlabIds.filter((each) => /^[1-9]\d{0,14}$/.test(each)).map(Number),
      jiraAccounts: attributes.jiraAccount === undefined ? [] : valuesOf(entry, attributes.jiraAccount),
    },
  };
}

/** All values of an attribute as text; names of attributes have no case. */
export function valuesOf(entry: Entry, attribute: string): string[] {
  const wanted = attribute.toLowerCase();
  const key = Object.keys(entry).find((each) => each.toLowerCase() === wanted);
  const found = key === undefined || key === 'dn' ? [] : entry[key];
  const values = Array.isArray(found) ? found : [found ?? ''];
  return values.map((value) => value.toString().trim()).filter((value) => value !== '');
}
