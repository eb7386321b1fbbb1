import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError, describeConfig } from '#src/config.ts';
import { type ExampleFolder, exampleFolder } from './example.ts';

const SERVER = 'countersign.server.yaml';
const LDAP =
  'ldap: { url: "ldaps://ldap.example.com/", bindDn: "cn=reader,dc=example,dc=com", passwordFile: secrets/ldap-password, base: "ou=people,dc=example,dc=com", people: true, attributes: { gitlabId: gitlabUserId } }';
const OIDC =
  'mode: oidc\n  issuer: https://login.example.com/realms/firm\n  clientId: countersign\n  clientSecretFile: secrets/oidc-secret';

let example: ExampleFolder;
beforeEach(() => {
  example = exampleFolder();
  writeFileSync(join(example.dir, 'secrets/ldap-password'), 'secret-ldap', { mode: 0o600 });
  writeFileSync(join(example.dir, 'secrets/oidc-secret'), 'secret-oidc', { mode: 0o600 });
});
afterEach(() => example.remove());

/** Replaces a part of the example's file, which has to be there. */
function edit(part: RegExp, by: string): void {
  const text = example.read(SERVER);
  if (!part.test(text)) throw new Error(`the example does not hold ${part.source}`);
  writeFileSync(join(example.dir, SERVER), text.replace(part, by));
}

const directory = (text: string) => edit(/^directory:\n(?: .*\n|\n(?= ))*/m, `directory:\n  ${text}\n`);
const auth = (text: string) => edit(/^ {2}mode: token\n(?: .*\n)*/m, `  ${text}\n`);

function problems(): string[] {
  try {
    example.load();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ what }) => what);
  }
  return [];
}

describe('the directory in the configuration', () => {
  it('may have groups from everywhere, LDAP, and a log-in of the firm', () => {
    directory(
      `${LDAP}\n  groups:\n    - { name: a, roles: [approver], gitlab: { group: infra/approvers } }\n    - { name: b, jira: { group: change approvers } }\n    - { name: c, ldap: { dn: "cn=c,dc=example,dc=com", via: nested } }\n    - { name: d, ldap: { filter: "(title=SRE)" } }\n    - { name: e, oidc: { value: sre } }\n    - { name: f, people: [ann] }`,
    );
    auth(OIDC);
    expect(problems()).toEqual([]);
    const { config, secrets } = example.load();
    expect(config.directory.ldap).toMatchObject({
      url: 'ldaps://ldap.example.com',
      passwordFile: join(example.dir, 'secrets/ldap-password'),
      filter: '(objectClass=person)',
      attributes: { id: 'uid', name: 'cn', emails: 'mail', gitlabId: 'gitlabUserId' },
    });
    expect(config.directory.groups[0]).toEqual({
      name: 'a',
      roles: ['approver'],
      gitlab: { group: 'infra/approvers', inherited: false, accessLevel: 10 },
    });
    expect([secrets.ldapPassword, secrets.oidcClientSecret]).toEqual(['secret-ldap', 'secret-oidc']);
    expect(JSON.stringify(describeConfig(config))).not.toMatch(/secret-ldap|secret-oidc/);
  });

  it('needs no people file where LDAP has everybody', () => {
    directory(LDAP);
    example.edit(SERVER, 'people: people.yaml\n', '');
    expect(problems()).toEqual([]);
    directory(LDAP.replace('people: true, ', ''));
    expect(problems()).toContainEqual(expect.stringContaining('people: is missing'));
  });

  it.each([
    [
      'two sources',
      'groups: [{ name: a, people: [ann], jira: { group: x } }]',
      'expected one of gitlab, jira',
    ],
    ['no source', 'groups: [{ name: a }]', 'where its members are read'],
    [
      'a name that is taken',
      'groups: [{ name: a, people: [] }, { name: a, people: [] }]',
      'there is a group a already',
    ],
    [
      'LDAP, which is nowhere',
      'groups: [{ name: a, ldap: { filter: "(a=b)" } }]',
      'there is no directory.ldap that could be asked',
    ],
    [
      'people whom nobody knows',
      'groups: [{ name: a, people: [ann, zoe] }]',
      'zoe is not in the people file',
    ],
    ['log-ins without claims', 'groups: [{ name: a, oidc: { value: x } }]', 'auth.mode is not oidc'],
  ])('refuses a group with %s', (_, text, what) => {
    directory(text);
    expect(problems()).toEqual([expect.stringContaining(what)]);
  });

  it('takes groups of a log-in for no longer than a session lasts', () => {
    auth(`${OIDC}\n  groupsValidSeconds: 3600`);
    expect(problems()).toEqual([]);
    edit(/groupsValidSeconds: 3600/, 'groupsValidSeconds: 86400');
    expect(problems()).toEqual([expect.stringContaining('expected at most 43200 seconds')]);
  });

  it('is in clear on this machine only, in production', () => {
    directory(LDAP.replace('ldaps:', 'ldap:'));
    expect(problems()).toEqual([expect.stringContaining('production needs ldaps or startTls')]);
    directory(LDAP.replace('ldaps:', 'ldap:').replace('bindDn', 'startTls: true, bindDn'));
    expect(problems()).toEqual([]);
    directory(LDAP.replace('bindDn', 'startTls: true, bindDn'));
    expect(problems()).toEqual([expect.stringContaining('ldaps:// is encrypted from the beginning')]);
    directory(LDAP.replace('ldaps://ldap.example.com', 'ldap://127.0.0.1'));
    expect(problems()).toEqual([]);
    auth(OIDC.replace('https', 'http'));
    expect(problems()).toEqual([expect.stringContaining('auth.issuer: production needs https')]);
  });
});
