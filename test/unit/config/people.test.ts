import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadPeople } from '#src/config/people.ts';

const dir = mkdtempSync(join(tmpdir(), 'countersign-people-'));
const path = join(dir, 'people.yaml');
afterAll(() => rmSync(dir, { recursive: true }));

const entry = (id: string, gitlabId: number, email = `${id}@example.com`, jiraAccount = `account-${id}`) =>
  `  - { id: ${id}, name: ${id}, gitlabId: ${gitlabId}, jiraAccount: ${jiraAccount}, emails: [${email}], roles: [approver] }`;

function load(...entries: string[]) {
  writeFileSync(path, ['people:', ...entries].join('\n'));
  return loadPeople(path);
}

describe('the people file', () => {
  it('tells who is who', () => {
    expect(load(entry('ann', 1), entry('bob', 2))).toMatchObject({
      ok: true,
      people: [{ id: 'ann' }, { id: 'bob' }],
    });
  });

  it('lets one person name an address twice', () => {
    expect(load(entry('ann', 1, 'a@example.com, A@example.com'))).toMatchObject({ ok: true });
  });

  it.each([
    ['an id', entry('ann', 2, 'b@example.com', 'b'), '3:7', 'id ann belongs to ann already'],
    ['a GitLab id', entry('bob', 1), '3:27', 'gitlabId 1 belongs to ann already'],
    [
      'a JIRA account',
      entry('bob', 2, 'b@example.com', 'account-ann'),
      '3:40',
      'jiraAccount account-ann belongs to ann already',
    ],
    [
      'an e-mail address, in whatever case',
      entry('bob', 2, 'ANN@example.com'),
      '3:75',
      'e-mail ann@example.com belongs to ann already',
    ],
  ])('refuses two people who share %s', (_, second, place, what) => {
    expect(load(entry('ann', 1), second)).toEqual({
      ok: false,
      problems: [{ place: `${path}:${place}`, what: expect.stringContaining(what) }],
    });
  });

  it('refuses an unknown role with its place', () => {
    expect(load(entry('ann', 1).replace('approver', 'boss'))).toMatchObject({
      ok: false,
      problems: [
        {
          place: expect.stringMatching(/people\.yaml:2:\d+$/),
          what: expect.stringContaining('people[0].roles[0]'),
        },
      ],
    });
  });

  it('lets one person have several accounts, and none where they have none', () => {
    const many =
      '  - { id: ann, name: Ann, gitlabId: [1, 11], jiraAccount: [a, b.c@d], emails: [a@example.com] }';
    const none = '  - { id: bob, name: Bob, emails: [b@example.com] }';
    expect(load(many, none)).toMatchObject({
      people: [
        { gitlabIds: [1, 11], jiraAccounts: ['a', 'b.c@d'], roles: [] },
        { gitlabIds: [], jiraAccounts: [] },
      ],
    });
    expect(load(many, entry('bob', 11))).toMatchObject({
      ok: false,
      problems: [{ what: expect.stringContaining('gitlabId 11 belongs to ann already') }],
    });
  });

  it("refuses the service's own account, and people put into a group that is kept elsewhere", () => {
    const inGroup = '  - { id: ann, name: Ann, jiraAccount: bot, emails: [a@example.com], groups: [x, y] }';
    writeFileSync(path, ['people:', inGroup].join('\n'));
    const context = { ownAccounts: ['bot'], sourcedGroups: ['y'], othersElsewhere: false };
    expect(loadPeople(path, context)).toMatchObject({
      problems: [
        { place: `${path}:2:27`, what: expect.stringContaining("jiraAccount bot is the service's own") },
        { place: `${path}:2:82`, what: expect.stringContaining('the members of y are read where') },
      ],
    });
  });

  it('tells who stands in for whom until when, and who is away', () => {
    const until = '2026-12-24T18:00:00+09:00';
    const handovers = [
      `delegations: [{ from: ann, to: bob, until: "${until}", groups: [x] }]`,
      `away: [{ person: ann, from: 2026-12-01T00:00:00Z, until: "${until}" }]`,
    ];
    expect(load(entry('ann', 1), entry('bob', 2), ...handovers)).toMatchObject({
      handovers: {
        delegations: [{ from: 'ann', to: 'bob', until, groups: ['x'] }],
        away: [{ person: 'ann', from: '2026-12-01T00:00:00Z', until }],
      },
    });
  });

  it.each([
    [
      'without a zone',
      'away: [{ person: ann, from: 2026-12-01T00:00, until: 2026-12-02T00:00:00Z }]',
      '4:23',
      'a time with its zone',
    ],
    ['without an end', 'delegations: [{ from: ann, to: bob }]', '4:15', 'a time with its zone'],
    [
      'of a stranger',
      'delegations: [{ from: cat, to: bob, until: 2026-12-02T00:00:00Z }]',
      '4:17',
      'cat is not in the people file',
    ],
    [
      'to oneself',
      'delegations: [{ from: ann, to: ann, until: 2026-12-02T00:00:00Z }]',
      '4:28',
      'cannot stand in for themselves',
    ],
    [
      'that ends before it begins',
      'delegations: [{ from: ann, to: bob, since: 2026-12-03T00:00:00Z, until: 2026-12-02T00:00:00Z }]',
      '4:66',
      'is not after 2026-12-03T00:00:00Z',
    ],
  ])('refuses a time in other hands %s', (_, line, place, what) => {
    expect(load(entry('ann', 1), entry('bob', 2), line)).toEqual({
      ok: false,
      problems: [{ place: `${path}:${place}`, what: expect.stringContaining(what) }],
    });
  });
});
