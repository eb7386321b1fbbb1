import { z } from 'zod';

const file = z.string().min(1, 'expected the path of a file');
const role = z.enum(['requester', 'reviewer', 'approver', 'operator']);
const name = z.string().min(1).max(200);
const dn = z
  .string()
  .regex(/^[^=,]+=.+$/, 'expected a distinguished name such as cn=approvers,dc=example,dc=com');
const attribute = z.string().regex(/^[A-Za-z][A-Za-z0-9;-]*$/, 'expected the name of an attribute');
const filter = z.string().regex(/^\(.+\)$/s, 'expected an LDAP filter in brackets');

const ldapGroup = z.union([
  z.strictObject({ dn, via: z.enum(['member', 'memberOf', 'nested']).default('member') }),
  z.strictObject({ filter }),
]);

const SOURCES = ['gitlab', 'jira', 'ldap', 'oidc', 'people'] as const;

const group = z
  .strictObject({
    name,
    /** What membership makes of people. */
    roles: z.array(role).default([]),
    gitlab: z
      .strictObject({
        group: z
          .string()
          .regex(/^[\w.-]+(\/[\w.-]+)*$/, 'expected the full path of a group such as infra/approvers'),
        /** Members of groups above it and of groups invited to it as well. */
        inherited: z.boolean().default(false),
        /** Least access level in it. */
        accessLevel: z.int().min(10).max(50).default(10),
      })
      .exactOptional(),
    jira: z.strictObject({ group: name }).exactOptional(),
    ldap: ldapGroup.exactOptional(),
    oidc: z.strictObject({ value: name }).exactOptional(),
    /** Ids of the people themselves. */
    people: z.array(z.string().min(1)).exactOptional(),
  })
  .refine((each) => SOURCES.filter((source) => each[source] !== undefined).length === 1, {
    error: `expected one of ${SOURCES.join(', ')}: where its members are read`,
  });

const ldap = z
  .strictObject({
    url: z
      .url({ protocol: /^ldaps?$/, error: 'expected a URL that starts with ldaps:// or ldap://' })
      .transform((text) => text.replace(/\/+$/, '')),
    startTls: z.boolean().default(false),
    /** The authority that signed the server's certificate. */
    caFile: file.exactOptional(),
    bindDn: dn,
    passwordFile: file,
    timeoutSeconds: z.int().min(1).max(60).default(5),
    pageSize: z.int().min(1).max(1000).default(500),
    base: dn,
    filter: filter.default('(objectClass=person)'),
    /** Entries are people though the people file does not list them. */
    people: z.boolean().default(false),
    attributes: z
      .strictObject({
        id: attribute.default('uid'),
        name: attribute.default('cn'),
        emails: attribute.default('mail'),
        gitlabId: attribute.exactOptional(),
        jiraAccount: attribute.exactOptional(),
      })
      .prefault({}),
  })
  .refine(({ startTls, url }) => !startTls || url.startsWith('ldap:'), {
    path: ['startTls'],
    error: 'is for ldap://; ldaps:// is encrypted from the beginning',
  });

/** Where groups and roles are read; who is who is in the people file, or in LDAP as well. */
export const directorySchema = z
  .strictObject({
    /** For how long looks at the same moment share a reading; an apply always begins its own. */
    freshSeconds: z.int().min(1).max(5, 'expected at most 5 seconds').default(5),
    groups: z.array(group).default([]),
    ldap: ldap.exactOptional(),
  })
  .prefault({});
