import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

/**
 * Every place where the service lets time pass, and when. Nothing between a webhook and the note is among them but for
 * what has gone wrong: a call refused for now, a lock that is taken. Time limits are no waiting.
 */
const WAITS: Readonly<Record<string, string>> = {
  'src/adapters/gitlab/code-host.ts': 'for gates alone: GitLab is still working out whether it would merge',
  'src/adapters/gitlab/commit-status.ts': 'another status of the commit is being written',
  'src/adapters/gitlab/transport.ts': 'before another try of a call that failed for now',
  'src/adapters/jira/cloud/client.ts': 'before another try of a call that failed for now',
  'src/adapters/jira/attempts.ts': 'before another try of a call that failed for now',
  'src/adapters/jira/open-ticket.ts': 'nobody knows whether a ticket was made, and the search index lags',
  'src/adapters/jira/send-once.ts': 'JIRA did not answer a write in time and may be at it still',
  'src/adapters/terraform/processes.ts': 'a run was stopped, and its processes are on their way out',
  'src/adapters/terraform/run-folder.ts': 'another run has the folder that must have this path',
  'src/store/listen.ts': 'the database is away',
  'src/store/migrate.ts': 'somebody else is migrating',
  'src/store/transaction.ts': 'a row is locked by somebody else',
  'workers/attempt/ask-before-start.ts':
    'the gates are asked once more, by a worker, before an apply that took long to get ready',
  'workers/attempt/adopt.ts': 'an attempt whose supervisor is gone is watched',
  'workers/attempt/conclude.ts': 'the database is away while an outcome is to be recorded',
  'workers/attempt/supervise.ts': 'terraform was told to stop and is on its way out',
  'workers/attempt/tail.ts': 'terraform has printed nothing new',
  'workers/who-pushed.ts': 'GitLab has not written down yet who pushed the head, once',
  'workers/run-apply.ts': 'the ticket system failed at the start of an apply',
};

test('nobody waits but where something has gone wrong or is still under way, and each place says for what', () => {
  const files = globSync(['src/**/*.ts', 'workers/**/*.ts'], { cwd: root });
  const waiting = files.filter((file) => letsTimePass(readFileSync(path.join(root, file), 'utf8')));
  expect(waiting.toSorted()).toEqual(Object.keys(WAITS).toSorted());
});

describe('the guard itself', () => {
  test.each([
    ['await pause(200);', true],
    ["import { setTimeout as rest } from 'node:timers/promises';\nawait rest(1);", true],
    ['await new Promise((resolve) => setTimeout(resolve, 10));', true],
    ['const timer = setTimeout(() => stop(), 1_000);\nawait work();', false],
    ['const late = after(1_000, "late");\nawait Promise.race([work, late]);', false],
  ])('of %j says %s', (text, sleeps) => {
    expect(letsTimePass(text)).toBe(sleeps);
  });
});

function letsTimePass(text: string): boolean {
  const [, named = 'pause'] =
    /import \{ setTimeout as (\w+) \} from 'node:timers\/promises'/.exec(text) ?? [];
  return (
    new RegExp(`await ${named}\\(`).test(text) || /await new Promise\(\((\w+)\) => setTimeout\(\1,/.test(text)
  );
}
