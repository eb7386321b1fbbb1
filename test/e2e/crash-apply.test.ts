import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  APPLIED_ONCE,
  type CrashStory,
  isAlive,
  openCrashStory,
  terraformBelow,
} from '#test/support/crash-story.ts';
import { ask } from '#test/sandbox/house/http.ts';
import { until } from '#test/support/story.ts';

// Real processes, really killed, in the middle of an apply. Whatever dies, nothing is made twice, and what is said about
// the end is true or "unknown".

let story: CrashStory;
beforeAll(async () => {
  story = await openCrashStory();
}, 60_000);
afterAll(() => story?.close());

describe('in the middle of an apply', () => {
  test('the worker is killed: the apply goes on and its end is recorded without it', async () => {
    const { iid, attempt } = await story.applying('no-worker');
    await story.killWorker();
    expect(isAlive(attempt.terraform_pid)).toBe(true);
    story.cloud.finish('no-worker');
    await story.attemptIs(iid, ({ outcome }) => outcome === 'succeeded');
    await story.startWorker();
    expect(await story.merged(iid, 'no-worker')).toEqual(APPLIED_ONCE);
  });

  test('its supervisor is killed, and the worker that adopts it as well: the next one adopts it again', async () => {
    const { iid, attempt } = await story.applying('orphan');
    process.kill(attempt.supervisor_pid, 'SIGKILL');
    const first = story.worker().pid;
    await story.attemptIs(iid, ({ supervisor_pid }) => supervisor_pid === first);
    await story.killWorker();
    const { pid } = await story.startWorker();
    await story.attemptIs(iid, ({ supervisor_pid }) => supervisor_pid === pid);
    expect(isAlive(attempt.terraform_pid)).toBe(true);
    story.cloud.finish('orphan');
    expect(await story.merged(iid, 'orphan')).toEqual(APPLIED_ONCE);
  });

  test('both are killed: the next worker adopts it', async () => {
    const { iid, attempt } = await story.applying('neither');
    await story.killWorker();
    process.kill(attempt.supervisor_pid, 'SIGKILL');
    expect(isAlive(attempt.terraform_pid)).toBe(true);
    const { pid } = await story.startWorker();
    await story.attemptIs(iid, ({ supervisor_pid }) => supervisor_pid === pid);
    story.cloud.finish('neither');
    expect(await story.merged(iid, 'neither')).toEqual(APPLIED_ONCE);
  });

  test('both are killed and nobody sees the end: what terraform said in the end tells it', async () => {
    const { iid, attempt } = await story.applying('unseen');
    await story.killWorker();
    process.kill(attempt.supervisor_pid, 'SIGKILL');
    story.cloud.finish('unseen');
    await until('terraform to end', async () => (isAlive(attempt.terraform_pid) ? undefined : true));
    await story.startWorker();
    expect(await story.merged(iid, 'unseen')).toEqual(APPLIED_ONCE);
  });

  test('a worker that is told to stop signals no apply', async () => {
    const { iid, attempt } = await story.applying('told-to-stop');
    const worker = story.worker();
    worker.signal('SIGTERM');
    await story.startWorker();
    expect(isAlive(attempt.terraform_pid)).toBe(true);
    story.cloud.finish('told-to-stop');
    expect(await story.merged(iid, 'told-to-stop')).toEqual(APPLIED_ONCE);
    await worker.ended;
  });

  test('an orphan is cancelled: it is interrupted once, saves its state and lets go of the lock', async () => {
    const { iid, attempt } = await story.applying('cancelled');
    process.kill(attempt.supervisor_pid, 'SIGKILL');
    const { pid } = story.worker();
    await story.attemptIs(iid, ({ supervisor_pid }) => supervisor_pid === pid);
    await story.olga.comment(iid, 'countersign cancel');
    const ended = await story.attemptIs(iid, ({ outcome }) => outcome !== null);
    // Nobody saw it exit, so nobody claims to know; but the state was saved, and is free.
    expect(ended.outcome).toBe('unknown');
    const { lock, versions } = await story.state('cancelled');
    expect(lock).toBeNull();
    expect(versions.length).toBeGreaterThan(0);
    expect(story.cloud.count('cancelled')).toBe(1);

    await until('its last heartbeat to be old', async () => {
      const [row] = await story.query<{ old: boolean }>(
        `select heartbeat_at < now() - interval '4 seconds' as old from attempts where id = $1`,
        [attempt.id],
      );
      return row?.old === true ? true : undefined;
    });
    await story.olga.comment(iid, 'countersign resolve cancelled not-applied it was never made');
    await story.changeIs(iid, 'apply-failed');
    expect(await story.attempts(iid)).toMatchObject([{ status: 'resolved', outcome: 'unknown' }]);

    // The state holds what was half made, so the next plan is another one and wants an approval of its own.
    await story.olga.comment(iid, 'countersign plan');
    await story.changeIs(iid, 'awaiting-approval');
    expect(story.cloud.count('cancelled')).toBe(1);
  });
});

describe('stopped for longer than anybody waits', () => {
  test('a supervisor is taken for lost, and believed when it wakes up; until then nobody may say otherwise', async () => {
    const { iid, attempt } = await story.applying('stopped');
    process.kill(attempt.supervisor_pid, 'SIGSTOP');
    await story.changeIs(iid, 'apply-interrupted');
    await story.noteSays(iid, /countersign resolve/);
    process.kill(attempt.supervisor_pid, 'SIGCONT');
    await until('a heartbeat', async () => {
      const [row] = await story.query<{ lives: boolean }>(
        `select heartbeat_at > now() - interval '1 second' as lives from attempts where id = $1`,
        [attempt.id],
      );
      return row?.lives === true ? true : undefined;
    });
    await story.olga.comment(iid, 'countersign resolve stopped not-applied it looks dead');
    await story.noteSays(iid, /sign of life/);
    story.cloud.finish('stopped');
    expect(await story.merged(iid, 'stopped')).toEqual(APPLIED_ONCE);
    expect(await story.entries(iid)).toContain('request-refused');
  });

  test("a worker comes back to jobs that are somebody else's: nothing is done twice", async () => {
    const { iid } = await story.applying('stopped-worker');
    const stopped = story.worker();
    stopped.signal('SIGSTOP');
    await story.startWorker();
    story.cloud.finish('stopped-worker');
    await story.changeIs(iid, 'merged');
    stopped.signal('SIGCONT');
    expect(await story.merged(iid, 'stopped-worker')).toEqual(APPLIED_ONCE);
    await stopped.stop();
  });
});

describe('terraform itself is killed', () => {
  test('with its sandbox alone dead it goes on, and its end is true', async () => {
    const { iid, attempt } = await story.applying('sandbox-dead');
    const [terraform] = await terraformBelow(attempt.terraform_pid);
    process.kill(attempt.terraform_pid, 'SIGKILL');
    // Where there is no sandbox, that was terraform.
    if (terraform === attempt.terraform_pid) return;
    story.cloud.finish('sandbox-dead');
    expect(await story.merged(iid, 'sandbox-dead')).toEqual(APPLIED_ONCE);
  });

  test('nobody knows what it did: quarantine, a person is called, nothing is unlocked by itself', async () => {
    const { iid, key, attempt } = await story.applying('killed');
    for (const pid of await terraformBelow(attempt.terraform_pid)) process.kill(pid, 'SIGKILL');
    await story.changeIs(iid, 'apply-interrupted');
    await story.noteSays(iid, /outcome of an apply is unknown.*`killed`.*countersign resolve/);
    expect((await story.state('killed')).lock).not.toBeNull();

    await story.olga.comment(iid, 'countersign plan');
    await story.noteSays(iid, /refused.*nobody knows how its apply ended/is);
    expect((await story.cli('unlock', key, 'killed', '--reason', 'in a hurry')).code).toBe(1);

    const resolved = await until('the heartbeat to be old enough', async () => {
      const answer = await story.cli('resolve', key, 'killed', 'not-applied', '--reason', 'nothing is there');
      return answer.code === 0 ? answer : undefined;
    });
    expect(resolved.output).toContain('recorded');
    await story.changeIs(iid, 'apply-failed');
    expect((await story.state('killed')).lock).not.toBeNull();
    expect(story.cloud.count('killed')).toBe(1);
    expect(await story.attempts(iid)).toMatchObject([{ status: 'resolved', outcome: 'unknown' }]);

    await ask(`${story.gitlabUrl}/sandbox/projects/${story.scene.project.id}/states/killed/lock`, {
      method: 'DELETE',
    });
    await story.olga.comment(iid, 'countersign plan');
    await story.changeIs(iid, 'ready');
    expect(story.cloud.count('killed')).toBe(1);
  });
});
