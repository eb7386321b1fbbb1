import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APPLIED_ONCE, type CrashStory, openCrashStory, runFolders } from '#test/support/crash-story.ts';
import { ask, post } from '#test/sandbox/house/http.ts';
import { until } from '#test/support/story.ts';

// Whatever breaks while a change is planned, or between any two steps: it is planned once, and nothing is lost.

let story: CrashStory;
beforeAll(async () => {
  story = await openCrashStory();
}, 60_000);
afterAll(() => story?.close());

describe('in the middle of a plan', () => {
  test('the worker is killed: another plans it, once, and no process and no folder is left', async () => {
    const { iid, planner } = await planning('killed');
    planner.signal('SIGKILL');
    await planner.ended;
    await story.startWorker();
    await story.ticketIs(iid, 'In review');
    expect(await plansOf(iid)).toEqual(['planned']);
    await until('no folder to be left', async () =>
      (await runFolders(story)).length === 0 ? true : undefined,
    );
  });

  test("the worker is stopped beyond its lease and comes back: what it planned is nobody's, and the plan stands", async () => {
    const { iid, planner } = await planning('stopped');
    planner.signal('SIGSTOP');
    await story.startWorker();
    const taken = () =>
      story.query(`select from outbox where effect = 'run-plan' and done_at is null and lease_epoch > 1`);
    await until('another worker to take the job', async () =>
      (await taken()).length > 0 ? true : undefined,
    );
    planner.signal('SIGCONT');
    const key = await story.ticketIs(iid, 'In review');
    expect(await plansOf(iid)).toEqual(['planned']);
    story.cloud.finish('stopped');
    await story.approve(key);
    expect(await story.merged(iid, 'stopped')).toEqual(APPLIED_ONCE);
    await planner.stop();
  });

  test('the queue is emptied again and again: all is done', async () => {
    story.cloud.finish('queue');
    const emptied = await during(
      () => mergedOnce('queue'),
      () => story.query('delete from bullmq.job'),
      { everyMs: 250, most: 40 },
    );
    expect(emptied.result).toEqual(APPLIED_ONCE);
    expect(emptied.times).toBeGreaterThan(3);
  });

  test('every connection to the database is cut again and again: nothing is half done, all is done', async () => {
    story.cloud.finish('cut');
    const cut = await during(
      () => mergedOnce('cut'),
      () =>
        story.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() and usename <> current_user`,
        ),
      // A worker that a cut ends is started again by whatever looks after it; here nothing does.
      { everyMs: 800, most: 12, afterwards: () => story.startWorker() },
    );
    // A supervisor that was cut off before it began has done nothing, and says so; then an operator starts the next.
    const { attempts, ...world } = cut.result;
    expect(world).toEqual({ made: 1, states: 1 });
    expect(attempts.at(-1)).toBe('succeeded');
    expect(attempts.slice(0, -1).every((outcome) => outcome === 'failed-clean')).toBe(true);
    expect(cut.times).toBeGreaterThan(3);
    expect((await story.cli('audit', 'verify')).code).toBe(0);
    expect(await story.query('select effect, last_error from outbox where gave_up_at is not null')).toEqual(
      [],
    );
  });

  test('the server is killed while hooks arrive and comes back: what they told is not lost', async () => {
    story.cloud.finish('server');
    await story.killServer();
    const { iid } = await story.propose('server', { 'server/main.tf': moduleOf('server') });
    await story.startServer();
    const key = await story.ticketIs(iid, 'In review');
    await story.killServer();
    await story.approve(key);
    await story.startServer();
    expect(await story.merged(iid, 'server')).toEqual(APPLIED_ONCE);
  });
});

function moduleOf(name: string): string {
  return story.module(name, story.cloud.thing(name));
}

/** A change whose plan is running and waits for GitLab to show it the state; and the worker that is at it. */
async function planning(name: string) {
  await post(`${story.gitlabUrl}/sandbox/faults`, {
    kind: 'slow',
    method: 'GET',
    path: `/terraform/state/${name}`,
    ms: 6_000,
  });
  const { iid } = await story.propose(name, { [`${name}/main.tf`]: moduleOf(name) });
  await until('the plan to ask for the state', async () => {
    const faults = await ask<{ path?: string; struck: number }[]>(`${story.gitlabUrl}/sandbox/faults`);
    return faults.some(({ path, struck }) => path?.endsWith(name) === true && struck > 0) ? true : undefined;
  });
  return { iid, planner: story.worker() };
}

/** How the change's plan runs ended, with one entry each in the log. */
async function plansOf(iid: number): Promise<string[]> {
  const change = await story.changeOf(iid);
  const runs = await story.query<{ status: string }>('select status from plan_runs where change_id = $1', [
    change.id,
  ]);
  const entries = (await story.entries(iid)).filter((type) => type === 'plan-run-ended');
  expect(entries).toHaveLength(runs.length);
  return runs.map(({ status }) => status);
}

/** A change that is asked for, approved and merged, on command where it has come to that; what came of it. */
async function mergedOnce(name: string) {
  const { iid, key } = await story.ask(name);
  await story.approve(key);
  let commanded = 0;
  for (;;) {
    const { status } = await story.changeIs(iid, /^(?:merged|ready)$/);
    if (status === 'merged') return story.merged(iid, name);
    const attempts = (await story.attempts(iid)).length;
    if (attempts > commanded) await story.olga.comment(iid, 'countersign apply');
    commanded = attempts;
    await until('the next step', async () =>
      (await story.changeOf(iid)).status === 'ready' ? undefined : true,
    );
  }
}

/**
 * Does the work while something is done to the service again and again, but not for ever: on a slow machine nothing would
 * get done between two times.
 */
async function during<T>(
  work: () => Promise<T>,
  act: () => Promise<unknown>,
  { everyMs, most, afterwards }: { everyMs: number; most: number; afterwards?: () => Promise<unknown> },
): Promise<{ result: T; times: number }> {
  let times = 0;
  const over = new AbortController();
  const acting = (async () => {
    while (!over.signal.aborted && times < most) {
      await act();
      times++;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    if (!over.signal.aborted) await afterwards?.();
  })();
  try {
    return { result: await work(), times };
  } finally {
    over.abort();
    await acting;
  }
}
