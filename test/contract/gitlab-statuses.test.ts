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
