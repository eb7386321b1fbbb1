import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Json, openMergeRequest, record, records, type Scene, setScene } from './gitlab-scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await setScene();
  await openMergeRequest(scene);
  await scene.settle();
});
afterEach(() => scene.close());

function post(state: string, more: Json = {}, token?: string) {
  const body = { state, name: 'countersign', ref: 'feature', ...more };
  return scene.api('POST', `/statuses/${scene.head}`, body, token);
}

async function rows(query = ''): Promise<Json[]> {
  return records((await scene.api('GET', `/repository/commits/${scene.head}/statuses${query}`)).body);
}

async function head(): Promise<Json> {
  return record(record((await scene.api('GET', '/merge_requests/1')).body)['head_pipeline']);
}

async function pipeline(wish: Json): Promise<Json> {
  const body = { user: 'erin', status: 'success', ...wish };
  return record((await scene.sandbox('POST', `/projects/${scene.project}/pipelines`, body)).body);
}

async function detailed(): Promise<unknown> {
  return record((await scene.api('GET', '/merge_requests/1')).body)['detailed_merge_status'];
}

describe('a commit status in the GitLab double', () => {
  test('moves from pending to running to success in one row', async () => {
    for (const state of ['pending', 'running', 'success']) expect((await post(state)).status).toBe(201);
    expect(await rows('?all=true')).toMatchObject([{ status: 'success', name: 'countersign' }]);
  });

  test.each([
    ['running', 'running', ':run from :running'],
    ['pending', 'pending', ':enqueue from :pending'],
    ['running', 'pending', ':enqueue from :running'],
    ['running', 'skipped', ':skip from :running'],
  ])('that is %s cannot be set to %s', async (first, second, words) => {
    await post(first);
    const refused = await post(second);
    expect(refused.status).toBe(400);
    expect(record(refused.body)['message']).toContain(`Cannot transition status via ${words}`);
  });

  test('that has finished is not changed: the same name starts a new row, and the old one counts no more', async () => {
    await post('failed');
    await post('running', { description: 'again' });
    expect(await rows()).toMatchObject([{ status: 'running', description: 'again' }]);
    expect((await rows('?all=true')).map((row) => row['status'])).toEqual(['failed', 'running']);
  });

  test('belongs to the user who made it', async () => {
    await post('running');
    await post('success', {}, scene.engineer.token);
    expect((await rows('?all=true')).map((row) => [record(row['author'])['id'], row['status']])).toEqual([
      [scene.bot.id, 'running'],
      [scene.engineer.id, 'success'],
    ]);
  });

  test('makes an external pipeline, or joins the one that is named', async () => {
    const made = record((await post('running')).body);
    expect(record((await scene.api('GET', '/merge_requests/1')).body)['head_pipeline']).toMatchObject({
      id: made['pipeline_id'],
      source: 'external',
      status: 'running',
    });
    const wish = {
      user: 'erin',
      sha: scene.head,
      ref: 'refs/merge-requests/1/head',
      status: 'running',
      source: 'merge_request_event',
    };
    const own = record((await scene.sandbox('POST', `/projects/${scene.project}/pipelines`, wish)).body);
    expect(record((await scene.api('GET', '/merge_requests/1')).body)['head_pipeline']).toMatchObject({
      id: own['id'],
    });
    const joined = record((await post('running', { ref: undefined, pipeline_id: own['id'] })).body);
    expect(joined['pipeline_id']).toBe(own['id']);
    const missing = await post('running', { ref: undefined, pipeline_id: 999_999 });
    expect(missing).toMatchObject({
      status: 404,
      body: { message: '404 Pipeline for pipeline_id, sha and ref Not Found' },
    });
  });

  test('without the pipeline it belongs to makes a second one, at which the merge request does not look', async () => {
    const own = await pipeline({
      sha: scene.head,
      ref: 'refs/merge-requests/1/head',
      source: 'merge_request_event',
    });
    const made = record((await post('running')).body);
    expect(made['pipeline_id']).not.toBe(own['id']);
    expect(await head()).toMatchObject({ id: own['id'], status: 'success' });
    const mixed = await post('running', { pipeline_id: own['id'] });
    expect(mixed.body).toEqual({ message: '404 Pipeline for pipeline_id, sha and ref Not Found' });
    await post('running', { pipeline_id: own['id'], ref: own['ref'] });
    expect(await head()).toMatchObject({ id: own['id'], status: 'running' });
  });

  test('stands on a pipeline of the merged result under the commit of that result', async () => {
    const own = await pipeline({ merged_result_of: 1 });
    expect(own['sha']).not.toBe(scene.head);
    expect(await head()).toMatchObject({ id: own['id'], ref: 'refs/merge-requests/1/merge' });
    const body = { state: 'running', name: 'countersign', ref: own['ref'], pipeline_id: own['id'] };
    expect((await scene.api('POST', `/statuses/${scene.head}`, body)).status).toBe(404);
    expect((await scene.api('POST', `/statuses/${String(own['sha'])}`, body)).status).toBe(201);
    expect(await head()).toMatchObject({ id: own['id'], status: 'running' });
  });

  test('of a fork’s commit needs a ref, for no branch here holds it', async () => {
    const fork = record(
      (await scene.sandbox('POST', `/projects/${scene.project}/forks`, { user: 'sam' })).body,
    );
    const commit = { user: 'sam', branch: 'theirs', files: { 'a.tf': 'a\n' } };
    const { sha } = record(
      (await scene.sandbox('POST', `/projects/${String(fork['id'])}/commits`, commit)).body,
    );
    await scene.sandbox('POST', '/members', { user: 'sam', project: scene.project, access_level: 20 });
    const wish = {
      source_branch: 'theirs',
      target_branch: 'main',
      target_project_id: scene.project,
      title: 'Fork',
    };
    await scene.api('POST', `//projects/${String(fork['id'])}/merge_requests`, wish, scene.stranger.token);
    const refused = await scene.api('POST', `/statuses/${String(sha)}`, { state: 'running' });
    expect(refused).toMatchObject({ status: 404, body: { message: '404 References for commit Not Found' } });
  });

  test('finds no room on a pipeline that is full or archived: a new one is made, or the named one refused', async () => {
    const own = await pipeline({ sha: scene.head, ref: 'feature' });
    await scene.sandbox('PATCH', `/projects/${scene.project}`, { settings: { pipelineJobLimit: 1 } });
    const first = record((await post('running')).body);
    expect(first['pipeline_id']).toBe(own['id']);
    expect(record((await post('running', { name: 'scan' })).body)['pipeline_id']).not.toBe(own['id']);
    const named = await post('running', { name: 'lint', pipeline_id: own['id'] });
    expect(named).toMatchObject({
      status: 422,
      body: { message: 'The number of jobs has exceeded the limit' },
    });
    expect((await post('success', { pipeline_id: own['id'] })).status).toBe(201);
    await scene.sandbox('PATCH', `/projects/${scene.project}`, { settings: { pipelineJobLimit: 9 } });
    await pipeline({ sha: scene.head, ref: 'feature', archived: true });
    expect((await post('running', { name: 'late', pipeline_id: own['id'] })).status).toBe(404);
  });

  test('on a protected branch is refused to whom may not push or merge there', async () => {
    const main = record((await scene.api('GET', '/repository/branches/main')).body);
    const { id: sha } = record(main['commit']);
    const onMain = (token: string) =>
      scene.api('POST', `/statuses/${String(sha)}`, { state: 'running', ref: 'main' }, token);
    expect((await onMain(scene.engineer.token)).status).toBe(403);
    expect((await onMain(scene.maintainer.token)).status).toBe(201);
  });

  test('is refused with 409 while another is being written, 404 for an unknown commit, 403 to a reporter', async () => {
    await scene.sandbox('POST', '/faults', { kind: 'status-lock' });
    expect((await post('running')).status).toBe(409);
    expect((await post('running')).status).toBe(201);
    expect((await scene.api('POST', `/statuses/${'a'.repeat(40)}`, { state: 'running' })).status).toBe(404);
    await scene.sandbox('POST', '/members', { user: 'sam', project: scene.project, access_level: 20 });
    expect((await post('running', {}, scene.stranger.token)).status).toBe(403);
    expect((await post('finished')).body).toEqual({ error: 'state does not have a valid value' });
    expect((await post('running', { name: 'long', description: 'x'.repeat(256) })).status).toBe(400);
  });

  test('decides whether "pipelines must succeed" lets a merge request through', async () => {
    await scene.api('PUT', '', { only_allow_merge_if_pipeline_succeeds: true });
    expect(await detailed()).toBe('ci_must_pass');
    await post('running');
    expect(await detailed()).toBe('ci_still_running');
    expect((await scene.api('PUT', '/merge_requests/1/merge', { sha: scene.head })).status).toBe(405);
    await post('failed');
    expect(await detailed()).toBe('ci_must_pass');
    await post('success');
    expect(await detailed()).toBe('mergeable');
  });

  test('that succeeds lets an automatic merge go ahead', async () => {
    await scene.api('PUT', '', { only_allow_merge_if_pipeline_succeeds: true });
    await post('running');
    const set = await scene.api('PUT', '/merge_requests/1/merge', { sha: scene.head, auto_merge: true });
    expect(set.body).toMatchObject({ state: 'opened', merge_when_pipeline_succeeds: true });
    await post('success');
    await scene.settle();
    expect(record((await scene.api('GET', '/merge_requests/1')).body)['state']).toBe('merged');
  });

  test('of an automatic merge that was cancelled does nothing', async () => {
    await post('running');
    await scene.api('PUT', '/merge_requests/1/merge', { sha: scene.head, auto_merge: true });
    expect((await scene.api('POST', '/merge_requests/1/cancel_merge_when_pipeline_succeeds')).status).toBe(
      201,
    );
    expect((await scene.api('POST', '/merge_requests/1/cancel_merge_when_pipeline_succeeds')).status).toBe(
      406,
    );
    await post('success');
    await scene.settle();
    expect(record((await scene.api('GET', '/merge_requests/1')).body)['state']).toBe('opened');
  });
});
