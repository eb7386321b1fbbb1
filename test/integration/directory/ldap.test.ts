import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLdapDirectory, type LdapGroup, type LdapOptions } from '#adapters/ldap/ldap-directory.ts';
import { type Slapd, slapdIsInstalled, startSlapd, SUFFIX } from '#test/support/slapd.ts';

const PEOPLE = `ou=people,${SUFFIX}`;
const GROUPS = `ou=groups,${SUFFIX}`;
const dnOf = (uid: string) => `uid=${uid},${PEOPLE}`;
const groupOf = (cn: string) => `cn=${cn},${GROUPS}`;

describe.skipIf(!slapdIsInstalled)('people and groups of an LDAP server', () => {
  let slapd: Slapd;
  let dir: string;

  beforeAll(async () => {
    slapd = await startSlapd();
    dir = await mkdtemp(join(tmpdir(), 'countersign-ldap-'));
    const person = (uid: string, more: Record<string, string | string[]>) =>
      slapd.add(dnOf(uid), {
        objectClass: 'inetOrgPerson',
        uid,
        cn: `${uid} Example`,
        sn: 'Example',
        ...more,
      });
    await person('ann', { mail: ['ann@example.com', 'ann@example.org'], carLicense: ['11', '12'] });
    await person('bob', { mail: 'bob@example.com', carLicense: '13', employeeType: '5b10:bob' });
    // A name that would end a filter, were it not escaped.
    await person('dee*)(uid=*', { mail: 'dee@example.com', carLicense: 'none yet' });
    // Whoever has no address is nobody we know.
    await person('machine', {});
    await slapd.add(groupOf('approvers'), {
      objectClass: 'groupOfNames',
      cn: 'approvers',
      member: [dnOf('bob'), dnOf('machine')],
    });
    await slapd.add(groupOf('odd*)(cn=*'), {
      objectClass: 'groupOfNames',
      cn: 'odd*)(cn=*',
      member: `UID=ann, ${PEOPLE}`,
    });
    await slapd.add(groupOf('posix'), {
      objectClass: 'posixGroup',
      cn: 'posix',
      gidNumber: '1000',
      memberUid: ['bob', 'nobody'],
    });
  });
  afterAll(async () => {
    await slapd?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const open = (more: Partial<LdapOptions> = {}) =>
    createLdapDirectory({
      url: slapd.url,
      startTls: false,
      bindDn: slapd.bindDn,
      password: slapd.password,
      timeoutMs: 2_000,
      pageSize: 2,
      base: PEOPLE,
      filter: '(objectClass=inetOrgPerson)',
      attributes: {
        id: 'uid',
        name: 'cn',
        emails: 'mail',
        gitlabId: 'carLicense',
        jiraAccount: 'employeeType',
      },
      ...more,
    });

  it('are those whose entries say who they are, with all their accounts, page by page', async () => {
    const people = await open().people();
    expect(people.map(({ person }) => person).toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      {
        id: 'ann',
        name: 'ann Example',
        emails: ['ann@example.com', 'ann@example.org'],
        gitlabIds: [11, 12],
        jiraAccounts: [],
      },
      {
        id: 'bob',
        name: 'bob Example',
        emails: ['bob@example.com'],
        gitlabIds: [13],
        jiraAccounts: ['5b10:bob'],
      },
      // What is no number is no GitLab user's id.
      {
        id: 'dee*)(uid=*',
        name: 'dee*)(uid=* Example',
        emails: ['dee@example.com'],
        gitlabIds: [],
        jiraAccounts: [],
      },
    ]);
  });

  it.each<[string, LdapGroup, string[]]>([
    ['its own entry', { dn: groupOf('approvers'), via: 'member' }, ['bob', 'machine']],
    ['names written another way', { dn: groupOf('odd*)(cn=*'), via: 'member' }, ['ann']],
    ['user names', { dn: groupOf('posix'), via: 'member' }, ['bob']],
    ['the entries of its members', { dn: groupOf('approvers'), via: 'memberOf' }, ['bob', 'machine']],
    ['a name that has to be escaped', { dn: groupOf('odd*)(cn=*'), via: 'memberOf' }, ['ann']],
    ['a filter', { filter: '(|(employeeType=5b10:*)(mail=ann@*))' }, ['ann', 'bob']],
  ])('are in a group by %s', async (_, group, ids) => {
    const { people = [] } = await open().members(group);
    expect(people.toSorted()).toEqual(ids);
  });

  it('are not taken for nobody when the group is not there or cannot be followed', async () => {
    await expect(open().members({ dn: groupOf('none'), via: 'memberOf' })).rejects.toMatchObject({
      code: 'ldap-not-found',
    });
    await expect(open().members({ dn: groupOf('approvers'), via: 'nested' })).rejects.toMatchObject({
      message: expect.stringContaining('does not follow groups in groups'),
    });
  });

  it('are read over TLS with a certificate that the named authority signed, and with no other', async () => {
    for (const more of [{ url: slapd.tlsUrl }, { url: slapd.url, startTls: true }]) {
      expect(await open({ ...more, caFile: slapd.caFile }).people()).toHaveLength(3);
      await expect(open(more).people()).rejects.toMatchObject({ code: 'ldap-unreachable' });
    }
    const wrong = join(dir, 'wrong.pem');
    await writeFile(wrong, 'no certificate');
    await expect(open({ url: slapd.tlsUrl, caFile: wrong }).people()).rejects.toMatchObject({
      code: 'ldap-unreachable',
    });
  });

  it('are not seen with a wrong password, behind a server that says nothing, or while it is down', async () => {
    await expect(open({ password: 'wrong' }).people()).rejects.toMatchObject({
      code: 'ldap-unauthorized',
      message: expect.not.stringContaining('wrong'),
    });
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await expect(open({ url: `ldap://127.0.0.1:${port}`, timeoutMs: 300 }).people()).rejects.toMatchObject({
      code: 'ldap-unreachable',
      retryable: true,
    });
    silent.close();
    const ldap = open();
    await slapd.stop();
    await expect(ldap.people()).rejects.toMatchObject({ code: 'ldap-unreachable' });
    await slapd.start();
    expect(await ldap.people()).toHaveLength(3);
  });
});
