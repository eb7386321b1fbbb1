import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { supervise } from '#workers/attempt/supervise.ts';
import { gitlabAs } from '#test/sandbox/house/actors.ts';
import { until } from '#test/sandbox/house/http.ts';
import { openWorkshop, type Order, type Workshop } from './workshop.ts';

// What the gates saw may be old by the time terraform is ready to start: an apply prepares itself for as long as `init`
// takes. The gates are asked once more then, by a worker, while the attempt waits.

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
}, 60_000);
afterAll(() => workshop?.close());

test('an attempt that took long to get ready starts once its gates have said yes again', async () => {
  const { order, attemptId } = await claimedLongAgo('ready');
  const running = supervise(workshop.attempts, attemptId);
  await workshop.run(await evaluationOf(order));
  await running;
  await workshop.settle(order);
  expect((await workshop.change(order)).projects).toMatchObject([{ status: 'merged' }]);
  expect(await evaluations(order)).toBe(2);
}, 60_000);

test('an attempt whose gates say no by then starts nothing, and says which', async () => {
  const { order, attemptId } = await claimedLongAgo('closed');
  await pipelineFails(order, 'closed');
  const running = supervise(workshop.attempts, attemptId);
  await workshop.run(await evaluationOf(order));
  await running;
  const attempt = await workshop.db
    .selectFrom('attempts')
    .select(['outcome', 'reason', 'terraform_pid'])
    .where('id', '=', attemptId)
    .executeTakeFirstOrThrow();
  expect(attempt).toEqual({
    outcome: 'failed-clean',
    reason: expect.stringMatching(/^its gates did not say yes any more .*pipeline-passed: .*unit-tests/),
    terraform_pid: null,
  });
  // Nothing was applied, so it is planned again and asked about again.
  expect((await workshop.change(order)).projects).toMatchObject([{ status: 'planning' }]);
}, 60_000);

test('an apply whose turn comes more than 30 s after its gates said yes asks them again before it is claimed', async () => {
  const { order, row } = await queuedApply('queued');
  await evaluatedAgo(order, 31_000);
  await workshop.run(row);
  expect(await evaluations(order)).toBe(2);
  expect((await workshop.change(order)).projects).toMatchObject([{ status: 'applying', phase: 'claimed' }]);
}, 60_000);

test('an apply whose gates say no by the time of its turn is not claimed', async () => {
  const { order, row } = await queuedApply('queued-closed');
  await pipelineFails(order, 'queued-closed');
  await evaluatedAgo(order, 31_000);
  await workshop.run(row);
  expect((await workshop.change(order)).projects).toMatchObject([{ status: 'blocked' }]);
  const attempts = workshop.db.selectFrom('attempts').select('id').where('change_id', '=', order.changeId);
  expect(await attempts.execute()).toEqual([]);
}, 60_000);

test('an apply whose turn comes at once asks nobody again', async () => {
  const { order, row } = await queuedApply('at-once');
  await workshop.run(row);
  expect(await evaluations(order)).toBe(1);
  expect((await workshop.change(order)).projects).toMatchObject([{ status: 'applying', phase: 'claimed' }]);
}, 60_000);

/** An apply that is approved and waits for its turn. */
async function queuedApply(folder: string): Promise<{ order: Order; row: number }> {
  const order = await workshop.propose(folder);
  await workshop.settle(order);
  await workshop.approve(order);
  return { order, row: await workshop.until(order, 'run-apply') };
}

/** An attempt that is claimed, on evidence of a minute ago. */
async function claimedLongAgo(folder: string): Promise<{ order: Order; attemptId: string }> {
  const { order, row } = await queuedApply(folder);
  await workshop.run(row);
  return { order, attemptId: await evaluatedAgo(order, 60_000) };
}

/** Makes what the gates saw of the attempt so much older; its id. */
async function evaluatedAgo(order: Order, ms: number): Promise<string> {
  const [project] = (await workshop.change(order)).projects;
  if (project?.status !== 'applying') throw new Error(`${order.changeId} is ${project?.status}`);
  const ago = new Date(Date.parse(project.evaluatedAt) - ms).toISOString();
  await sql`update changes
    set state = jsonb_set(state, '{projects,0,evaluatedAt}', to_jsonb(${ago}::text))
    where id = ${order.changeId}`.execute(workshop.db);
  return project.attemptId;
}

/** A job of the head's pipeline fails, which a gate says no to. */
async function pipelineFails(order: Order, ref: string): Promise<void> {
  const { revision } = await workshop.change(order);
  const erin = gitlabAs(workshop.house, workshop.house.scene.players.erin);
  const status = { state: 'failed', ref, name: 'unit-tests' };
  await erin.asked(`/statuses/${revision?.headSha}`, 'POST', status);
}

/** The row of the evaluation that a waiting supervisor asked for. */
function evaluationOf(order: Order): Promise<number> {
  return until('the gates to be asked once more', async () => {
    const job = (await workshop.openJobs(order)).find(({ effect }) => effect === 'collect-evidence');
    return job?.id;
  });
}

async function evaluations({ changeId }: Order): Promise<number> {
  const rows = await workshop.db
    .selectFrom('gate_evaluations')
    .select('id')
    .where('change_id', '=', changeId)
    .where('go', '=', true)
    .execute();
  return rows.length;
}
