import { describe, expect, it } from 'vitest';
import { createDirectory, type DirectoryParts, type NamedGroup } from '#app/directory/create-directory.ts';
import type { DirectoryEntry, GroupMembers } from '#app/ports/directory.ts';
import { Fault } from '#domain/fault.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { deciderOf } from '#domain/gates/people.ts';

const person = (id: string, n: number, more: Partial<Person> = {}): Person => ({
  id,
  name: id.toUpperCase(),
  gitlabIds: [n],
  jiraAccounts: [`jira-${id}`],
  emails: [`${id}@example.com`],
  roles: [],
  groups: [],
  ...more,
});
const ANN = person('ann', 1, { roles: ['approver'], groups: ['by hand'] });
const BOB = person('bob', 2);
const entry = (id: string, more: Partial<DirectoryEntry['person']> = {}): DirectoryEntry => ({
  name: `LDAP entry uid=${id}`,
  person: { id, name: id, gitlabIds: [], jiraAccounts: [], emails: [`${id}@ldap.example.com`], ...more },
});
const group = (
  name: string,
  members: () => Promise<GroupMembers>,
  more: Partial<NamedGroup> = {},
): NamedGroup => ({
  name,
  roles: ['approver'],
  source: `where ${name} is kept`,
  members,
  ...more,
});
const down = (why: string) => async () => {
  throw new Fault('down', why, { retryable: true });
};

function open(more: Partial<DirectoryParts> = {}) {
  return createDirectory({
    listed: async () => ({ people: [ANN, BOB], handovers: { delegations: [], away: [] } }),
    groups: [],
    own: async () => ({ gitlabIds: [99], jiraAccounts: ['jira-bot'] }),
    now: async () => '2026-03-01T12:00:00Z',
    freshMs: 5_000,
    patienceMs: 50,
    ...more,
  });
}
const named = (people: readonly Person[], id: string) => people.find((each) => each.id === id);

describe('the directory', () => {
  it('gives the groups and roles of wherever people are found by one of their accounts', async () => {
    const { people, unseen } = await open({
      groups: [
        group('gitlab', async () => ({ gitlabIds: [2, 77] })),
        group('jira', async () => ({ jiraAccounts: ['jira-ann'] }), { roles: ['operator'] }),
        group('ldap', async () => ({ people: ['BOB'] }), { roles: ['reviewer', 'approver'] }),
      ],
    }).read();
    expect(unseen).toEqual([]);
    expect(named(people, 'ann')).toMatchObject({
      roles: ['approver', 'operator'],
      groups: ['by hand', 'jira'],
    });
    expect(named(people, 'bob')).toMatchObject({
      roles: ['approver', 'reviewer'],
      groups: ['gitlab', 'ldap'],
    });
  });

  it('tells of a part that does not answer, and of the others all the same', async () => {
    const { people, unseen } = await open({
      groups: [group('a', down('timeout')), group('b', async () => ({ gitlabIds: [2] }))],
      entries: { source: 'LDAP', read: down('refused') },
    }).read();
    expect(unseen).toEqual([
      { source: 'LDAP', why: 'refused' },
      { source: 'where a is kept', why: 'timeout' },
    ]);
    expect(named(people, 'bob')?.groups).toEqual(['b']);
  });

  it('waits for nobody who does not answer', async () => {
    const silent = group('a', () => new Promise(() => undefined));
    const { people, unseen } = await open({ groups: [silent] }).read();
    expect(unseen).toEqual([{ source: 'where a is kept', why: 'no answer within 0.05 s' }]);
    expect(people).toHaveLength(2);
  });

  it.each([
    ['the list of who is who', { listed: down('line 3 is wrong') }, 'the people file'],
    ['our own accounts', { own: down('no answer') }, 'our own accounts'],
  ] as const)('knows nobody without %s', async (_, parts, source) => {
    const { people, unseen } = await open(parts).read();
    expect(people).toEqual([]);
    expect(unseen).toEqual([expect.objectContaining({ source })]);
  });

  it('lets a bug be one', async () => {
    const broken = open({ groups: [group('a', () => Promise.reject(new TypeError('x is not a function')))] });
    await expect(broken.read()).rejects.toThrow(TypeError);
  });

  it('makes one person of the list and of LDAP one, whatever the case of their id, and newcomers people', async () => {
    const entries = [entry('Ann', { gitlabIds: [10] }), entry('dee', { jiraAccounts: ['jira-dee'] })];
    const { people, unseen } = await open({ entries: { source: 'LDAP', read: async () => entries } }).read();
    expect(unseen).toEqual([]);
    expect(named(people, 'ann')).toMatchObject({
      name: 'ANN',
      gitlabIds: [1, 10],
      emails: ['ann@example.com', 'Ann@ldap.example.com'],
      roles: ['approver'],
    });
    expect(named(people, 'dee')).toMatchObject({ jiraAccounts: ['jira-dee'], roles: [] });
  });

  it('believes nobody who claims what is listed as another', async () => {
    const entries = [entry('dee', { emails: ['ANN@example.com'] })];
    const { people, unseen } = await open({ entries: { source: 'LDAP', read: async () => entries } }).read();
    expect(people.map(({ id }) => id)).toEqual(['ann', 'bob']);
    expect(unseen).toEqual([{ source: 'LDAP entry uid=dee', why: "e-mail ann@example.com is also ann's" }]);
  });

  it('believes neither of two who claim the same', async () => {
    const entries = [entry('dee', { gitlabIds: [5] }), entry('eve', { gitlabIds: [5] }), entry('fay')];
    const { people, unseen } = await open({ entries: { source: 'LDAP', read: async () => entries } }).read();
    expect(people.map(({ id }) => id)).toEqual(['ann', 'bob', 'fay']);
    expect(unseen.map(({ why }) => why)).toEqual([
      "gitlabId 5 is also LDAP entry uid=eve's",
      "gitlabId 5 is also LDAP entry uid=dee's",
    ]);
  });

  it("makes the service's own accounts nobody's", async () => {
    const people = [person('ann', 99, { jiraAccounts: ['jira-ann', 'jira-bot'] })];
    const handovers = { delegations: [], away: [] };
    const reading = await open({ listed: async () => ({ people, handovers }) }).read();
    expect(reading.people[0]).toMatchObject({ gitlabIds: [], jiraAccounts: ['jira-ann'] });
  });

  it('shares a reading of the same moment, and begins another for an apply', async () => {
    let asked = 0;
    const count = group('a', async () => {
      asked += 1;
      return {};
    });
    const directory = open({ groups: [count] });
    await Promise.all([directory.read(), directory.read()]);
    await directory.read();
    expect(asked).toBe(1);
    await Promise.all([directory.read({ fresh: true }), directory.read()]);
    expect(asked).toBe(2);
    const eager = open({ groups: [count], freshMs: -1 });
    await eager.read();
    await eager.read();
    expect(asked).toBe(4);
  });
});

describe('approvals in other hands', () => {
  const handed = (more: object = {}, at = '2026-03-01T12:00:00Z', people = [ANN, BOB]) =>
    open({
      now: async () => at,
      listed: async () => ({
        people,
        handovers: {
          delegations: [{ from: 'ann', to: 'bob', until: '2026-03-02T00:00:00+09:00', ...more }],
          away: [{ person: 'ann', from: '2026-02-27T00:00:00Z', until: '2026-03-02T00:00:00Z' }],
        },
      }),
    }).read();

  it('are theirs until the end date, and name whose they are', async () => {
    const during = await handed();
    const bob = named(during.people, 'bob');
    expect(bob).toMatchObject({
      roles: [],
      standsInFor: [{ person: 'ann', groups: ['by hand'], until: '2026-03-02T00:00:00+09:00' }],
    });
    expect(deciderOf(bob ?? BOB)).toMatchObject({
      roles: ['approver'],
      groups: ['by hand'],
      insteadOf: ['ann'],
    });
    expect(named(during.people, 'ann')?.awayUntil).toBe('2026-03-02T00:00:00Z');
    const after = await handed({}, '2026-03-01T15:00:00Z');
    expect(named(after.people, 'bob')?.standsInFor).toBeUndefined();
    const before = await handed({ since: '2026-03-01T13:00:00Z' });
    expect(named(before.people, 'bob')?.standsInFor).toBeUndefined();
    const back = await handed({}, '2026-03-02T00:00:00Z');
    expect(named(back.people, 'ann')?.awayUntil).toBeUndefined();
  });

  it.each([
    ['somebody who may not approve any more', {}, [{ ...ANN, roles: [] }, BOB]],
    ['a group they are not in any more', { groups: ['another'] }, [ANN, BOB]],
    [
      'nothing that the other may not do anyway',
      {},
      [ANN, { ...BOB, roles: ['approver'], groups: ['by hand'] }],
    ],
  ] as const)('are nothing when they are of %s', async (_, more, people) => {
    const { people: found } = await handed(more, '2026-03-01T12:00:00Z', [...people] as Person[]);
    expect(named(found, 'bob')?.standsInFor).toBeUndefined();
  });

  it('are of the named groups alone, and are not handed on', async () => {
    const cat = person('cat', 3);
    const { people } = await open({
      listed: async () => ({
        people: [{ ...ANN, groups: ['a', 'b'] }, BOB, cat],
        handovers: {
          delegations: [
            { from: 'ann', to: 'bob', until: '2026-03-02T00:00:00Z', groups: ['b'] },
            { from: 'bob', to: 'cat', until: '2026-03-02T00:00:00Z' },
          ],
          away: [],
        },
      }),
    }).read();
    expect(named(people, 'bob')?.standsInFor?.[0]?.groups).toEqual(['b']);
    expect(named(people, 'cat')?.standsInFor).toBeUndefined();
  });
});
