import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Json, openMergeRequest, record, records, type Scene, setScene } from './gitlab-scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await setScene();
  await scene.sandbox('PATCH', `/projects/${scene.project}`, {
    settings: { mergeTrains: true, onlyAllowMergeIfPipelineSucceeds: true },
  });
  await openMergeRequest(scene);
  await pipeline({ merged_result_of: 1 });
  await scene.settle();
});
afterEach(() => scene.close());

const CARS = '/merge_trains/merge_requests/1';
const join = (more: Json = {}, token = scene.maintainer.token) =>
  scene.api('POST', CARS, { sha: scene.head, ...more }, token);

async function pipeline(wish: Json): Promise<Json> {
  const body = { user: 'erin', status: 'success', ...wish };
  return record((await scene.sandbox('POST', `/projects/${scene.project}/pipelines`, body)).body);
}

async function mergeRequest(iid = 1): Promise<Json> {
  return record((await scene.api('GET', `/merge_requests/${iid}`)).body);
}

/** Lets the jobs of the train's pipeline come out. */
async function arrive(status: string, iid = 1): Promise<void> {
  const car = record((await scene.api('GET', `/merge_trains/merge_requests/${iid}`)).body);
  const { sha, ref } = record(car['pipeline']);
  await pipeline({ sha, ref, source: 'merge_request_event', status });
  await scene.settle();
}

describe('a merge train of the GitLab double', () => {
  test('merges the first of it as exactly the commit that its pipeline ran on', async () => {
    expect((await join()).status).toBe(201);
    const running = record((await mergeRequest())['head_pipeline']);
    expect(running).toMatchObject({ ref: 'refs/merge-requests/1/train', status: 'running' });
    await arrive('success');
    expect(await mergeRequest()).toMatchObject({ state: 'merged', merge_commit_sha: running['sha'] });
    const { commit } = record((await scene.api('GET', '/repository/branches/main')).body);
    expect(record(commit)['id']).toBe(running['sha']);
  });

  test('waits for every status of its pipeline, whoever posted it', async () => {
    await join();
    const { id, sha, ref } = record((await mergeRequest())['head_pipeline']);
    const post = (state: string) =>
      scene.api('POST', `/statuses/${String(sha)}`, { state, name: 'countersign', ref, pipeline_id: id });
    await post('running');
    await arrive('success');
    expect((await mergeRequest())['state']).toBe('opened');
    await post('success');
    await scene.settle();
    expect((await mergeRequest())['state']).toBe('merged');
  });

  test('takes nobody whose pipeline still runs, unless asked to wait for it', async () => {
    const { id, sha, ref } = record((await mergeRequest())['head_pipeline']);
    const post = (state: string) =>
      scene.api('POST', `/statuses/${String(sha)}`, { state, name: 'countersign', ref, pipeline_id: id });
    await post('running');
    expect((await join()).status).toBe(405);
    expect((await join({ auto_merge: true })).status).toBe(202);
    expect((await scene.api('GET', CARS)).status).toBe(404);
    await post('success');
    await scene.settle();
    expect((await scene.api('GET', CARS)).status).toBe(200);
  });

  test('plans each on top of the one before, and again when that one leaves', async () => {
    const commit = { user: 'erin', branch: 'second', files: { 'second.tf': 'x\n' } };
    await scene.sandbox('POST', `/projects/${scene.project}/commits`, commit);
    await openMergeRequest(scene, { source_branch: 'second', title: 'Second' });
    await pipeline({ merged_result_of: 2 });
    await join();
    await scene.api('POST', '/merge_trains/merge_requests/2', {}, scene.maintainer.token);
    const first = record((await mergeRequest(1))['head_pipeline']);
    const before = record((await mergeRequest(2))['head_pipeline']);
    const { parent_ids: parents } = record(
      (await scene.api('GET', `/repository/commits/${String(before['sha'])}`)).body,
    );
    expect(parents).toContain(first['sha']);
    await arrive('failed');
    expect(await mergeRequest(1)).toMatchObject({ state: 'opened' });
    expect(record((await mergeRequest(2))['head_pipeline'])['id']).not.toBe(before['id']);
    await arrive('success', 2);
    expect(await mergeRequest(2)).toMatchObject({ state: 'merged' });
    expect(
      records((await scene.api('GET', '/merge_trains', undefined, scene.maintainer.token)).body),
    ).toEqual([]);
  });

  test('is left with new commits, and passed by a merge that does not ask for it', async () => {
    await join();
    const push = { user: 'erin', branch: 'feature', files: { 'main.tf': 'four\n' } };
    await scene.sandbox('POST', `/projects/${scene.project}/commits`, push);
    expect((await scene.api('GET', CARS)).status).toBe(404);
    await pipeline({ merged_result_of: 1 });
    const { sha } = await mergeRequest();
    const merged = await scene.api('PUT', '/merge_requests/1/merge', { sha }, scene.maintainer.token);
    expect(merged.body).toMatchObject({ state: 'merged' });
  });
});

test('there is no train where none was set up, and only the head one saw gets on', async () => {
  expect((await join({ sha: '0'.repeat(40) })).status).toBe(409);
  await scene.sandbox('PATCH', `/projects/${scene.project}`, { settings: { mergeTrains: false } });
  expect((await join()).status).toBe(403);
});
