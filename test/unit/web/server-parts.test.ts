import { describe, expect, test } from 'vitest';
import { Fault } from '#domain/fault.ts';
import { personOfToken, sha256 } from '#http/credentials.ts';
import { jsonVariant } from '#http/json-variant.ts';
import { createLoginLimit } from '#http/login-limit.ts';
import { createLog } from '#telemetry/log.ts';
import { aliasesFrom, namesFrom } from '#views/names.ts';

describe('the log', () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog(
    { level: 'info', component: 'server' },
    { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const last = (): string => JSON.stringify(lines.at(-1));

  test('keeps known fields and drops every other, in a child as well', () => {
    log
      .child({ changeId: 'c1', token: 'canary' })
      .info({ project: 'fin/dns', headers: { authorization: 'canary' }, body: 'canary' }, 'seen');
    expect(lines.at(-1)).toMatchObject({
      level: 'info',
      component: 'server',
      changeId: 'c1',
      project: 'fin/dns',
      msg: 'seen',
    });
    expect(last()).not.toContain('canary');
  });

  test('does not repeat what a library put into an error, nor its cause', () => {
    log.error({ err: new Error('answer was: canary', { cause: new TypeError('canary') }) }, 'failed');
    expect(last()).not.toContain('canary');
    expect(lines.at(-1)).toMatchObject({ err: { type: 'Error', cause: { type: 'TypeError' } } });
    expect(last()).toContain('server-parts.test.ts');
  });

  test('keeps the words of our own faults', () => {
    log.error(
      { err: new Fault('gitlab-unreachable', 'GitLab did not answer', { retryable: true }) },
      'failed',
    );
    expect(lines.at(-1)).toMatchObject({
      err: { type: 'Fault', code: 'gitlab-unreachable', reason: 'GitLab did not answer' },
    });
  });
});

describe('a page asked for as .json', () => {
  const variant = (url: string) => {
    const request = { url, headers: { accept: 'text/html' } };
    return [jsonVariant(request), request.headers.accept];
  };

  test('is the page, asked for as JSON, with its query', () => {
    expect(variant('/changes.json?q=a.json')).toEqual(['/changes?q=a.json', 'application/json']);
    expect(variant('/changes/c1.p1.json')).toEqual(['/changes/c1.p1', 'application/json']);
    expect(variant('/changes?q=a.json?b')).toEqual(['/changes?q=a.json?b', 'text/html']);
  });
});

test('a token is known by its hash alone, in any case of letters', () => {
  const tokens = [{ sha256: sha256('right').toUpperCase(), person: 'p-1' }];
  expect([personOfToken(tokens, 'right'), personOfToken(tokens, 'wrong'), personOfToken(tokens, '')]).toEqual(
    ['p-1', undefined, undefined],
  );
});

test('failures of one address are forgotten after a minute and never count for another', () => {
  let now = 0;
  const limit = createLoginLimit(() => now);
  for (let n = 0; n < 10; n++) limit.countFailure('a');
  expect([limit.isReached('a'), limit.isReached('b')]).toEqual([true, false]);
  now = 60_001;
  expect(limit.isReached('a')).toBe(false);
});

describe('people', () => {
  const people = [
    {
      id: 'p-1',
      name: 'Ada Engineer',
      gitlabIds: [11],
      jiraAccounts: ['5:ada'],
      emails: ['ada@example.com'],
      roles: [],
      groups: [],
    },
  ];

  test('are named by whichever id the evidence has', () => {
    const nameOf = namesFrom(people);
    expect([
      nameOf({ kind: 'person', id: 'p-1' }),
      nameOf({ kind: 'gitlab-user', id: '11' }),
      nameOf({ kind: 'jira-user', id: '5:ada' }),
      nameOf({ kind: 'gitlab-user', id: '12' }),
      nameOf({ kind: 'operator-cli', id: 'root' }),
    ]).toEqual(['Ada Engineer', 'Ada Engineer', 'Ada Engineer', undefined, 'root (command line)']);
  });

  test('are searched for under all their ids', () => {
    expect(aliasesFrom(people)('ADA engineer')).toEqual(['ada engineer', 'p-1', '11', '5:ada']);
    expect(aliasesFrom(people)('@dora')).toEqual(['dora']);
  });
});
