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
});
