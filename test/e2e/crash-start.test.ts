import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CrashStory, openCrashStory, runFolders } from '#test/support/crash-story.ts';
import { ask, post } from '#test/sandbox/house/http.ts';
import { until } from '#test/support/story.ts';

// What dies before terraform runs has done nothing, and says so; what could not save its state keeps it.

let story: CrashStory;
beforeAll(async () => {
  story = await openCrashStory();
}, 60_000);
afterAll(() => story?.close());

describe('before terraform is started', () => {
  test('the supervisor is killed: nothing was done, the plan is made again and keeps its approval', async () => {
    const { iid, key } = await story.ask('unborn');
    story.cloud.finish('unborn');
    await slowState('unborn');
    await story.approve(key);
    const { supervisor_pid, status } = await story.attemptIs(
      iid,
      (attempt) => attempt.supervisor_pid !== null,
    );
    process.kill(supervisor_pid ?? 0, 'SIGKILL');
    await quickAgain();
    expect(status).toBe('claimed');
    const ended = await story.attemptIs(iid, ({ outcome }) => outcome !== null);
    expect([ended.outcome, story.cloud.count('unborn')]).toEqual(['failed-clean', 0]);
    await appliedOnCommand(iid);
    expect(await story.merged(iid, 'unborn')).toEqual(APPLIED_AT_SECOND_TRY);
  });

  test('the worker is killed between the claim and the start of a supervisor: the same', async () => {
    const { iid, key } = await story.ask('claimed');
    story.cloud.finish('claimed');
    await story.approve(key);
    // After the claim the ticket is moved, and only then a supervisor is started.
    await post(`${story.jiraUrl}/sandbox/faults`, {
      kind: 'slow',
      method: 'POST',
      path: '/transitions$',
      delayMs: 5_000,
    });
    await story.attemptIs(iid, ({ status }) => status === 'claimed');
    await story.killWorker();
    const [attempt] = await story.attempts(iid);
    expect(attempt?.supervisor_pid).toBeNull();
    await story.startWorker();
    await story.attemptIs(iid, ({ outcome }) => outcome === 'failed-clean');
    await appliedOnCommand(iid);
    expect(await story.merged(iid, 'claimed')).toEqual(APPLIED_AT_SECOND_TRY);
  });

  test('the supervisor is stopped until it is given up: it starts nothing when it wakes up', async () => {
    const { iid, key } = await story.ask('overslept');
    story.cloud.finish('overslept');
    await slowState('overslept');
    await story.approve(key);
    const { supervisor_pid } = await story.attemptIs(iid, (attempt) => attempt.supervisor_pid !== null);
    process.kill(supervisor_pid ?? 0, 'SIGSTOP');
    await quickAgain();
    await story.changeIs(iid, 'apply-interrupted');
    process.kill(supervisor_pid ?? 0, 'SIGCONT');
    await story.attemptIs(iid, ({ outcome }) => outcome === 'failed-clean');
    expect(story.cloud.count('overslept')).toBe(0);
    await appliedOnCommand(iid);
    expect(await story.merged(iid, 'overslept')).toEqual(APPLIED_AT_SECOND_TRY);
  });
});

describe('a state that GitLab does not take', () => {
  test('is kept, sealed; the project is in quarantine, for other changes too, and the ticket failed', async () => {
    const { iid, key } = await story.ask('unsaved');
    await post(`${story.gitlabUrl}/sandbox/faults`, {
      kind: 'status',
      status: 500,
      method: 'POST',
      path: '/terraform/state/unsaved(\\?|$)',
      count: 100,
    });
    await story.approve(key);
    await story.cloud.begun('unsaved');
    story.cloud.finish('unsaved');
    const attempt = await story.attemptIs(iid, ({ outcome }) => outcome !== null);
    expect(attempt).toMatchObject({
      outcome: 'failed-partial',
      reason: expect.stringContaining('errored.tfstate'),
    });
    await story.ticketIs(iid, 'Failed');
    const kept = await story.query<{ ciphertext: Buffer }>(
      'select ciphertext from errored_states where attempt_id = $1',
      [attempt.id],
    );
    expect(kept).toHaveLength(1);
    expect(kept[0]?.ciphertext.includes('terraform_data')).toBe(false);
    await until('no folder to be left', async () =>
      (await runFolders(story)).length === 0 ? true : undefined,
    );

    const other = await story.propose('unsaved-too', {
      'unsaved/main.tf': story.module('unsaved', story.cloud.thing('unsaved', 'another input')),
    });
    const otherKey = await story.ticketIs(other.iid, 'In review');
    await story.approve(otherKey);
    const blocked = await story.changeIs(other.iid, 'blocked');
    const reasons = blocked.state.projects.flatMap((project) => project.reasons ?? []);
    expect(reasons.map(({ gate }) => gate)).toContain('project-free');
    expect(await story.attempts(other.iid)).toEqual([]);
    expect(story.cloud.count('unsaved')).toBe(1);
  });
});

const APPLIED_AT_SECOND_TRY = { attempts: ['failed-clean', 'succeeded'], made: 1, states: 1 };

/** From now on GitLab takes its time to show the state, so that whoever prepares an apply is caught before it starts. */
async function slowState(name: string): Promise<void> {
  await post(`${story.gitlabUrl}/sandbox/faults`, {
    kind: 'slow',
    method: 'GET',
    path: `/terraform/state/${name}(\\?|$)`,
    ms: 1_500,
    count: 100,
  });
}

const quickAgain = () => ask(`${story.gitlabUrl}/sandbox/faults`, { method: 'DELETE' });

/** After a failed attempt nothing is applied by itself any more. */
async function appliedOnCommand(iid: number): Promise<void> {
  await story.changeIs(iid, 'ready');
  await story.olga.comment(iid, 'countersign apply');
  await until('the second attempt', async () =>
    (await story.attempts(iid)).length === 2 ? true : undefined,
  );
}
