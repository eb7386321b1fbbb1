import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Json, openMergeRequest, record, records, type Scene, setScene } from './gitlab-scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await setScene();
});
afterEach(() => scene.close());

async function shown(): Promise<Json> {
  return record((await scene.api('GET', '/merge_requests/1')).body);
}

async function settled(): Promise<unknown> {
  await scene.api('GET', '/merge_requests/1');
  await scene.settle();
  return (await shown())['detailed_merge_status'];
}

function commit(branch: string, files: Json) {
  return scene.sandbox('POST', `/projects/${scene.project}/commits`, { user: 'mara', branch, files });
}

function settings(wish: Json) {
  return scene.sandbox('PATCH', `/projects/${scene.project}`, { settings: wish });
}

function merge(body: Json = {}, token?: string) {
  return scene.api('PUT', '/merge_requests/1/merge', { sha: scene.head, ...body }, token);
}

describe('mergeability in the GitLab double', () => {
  test('is not known at once', async () => {
    expect((await openMergeRequest(scene))['detailed_merge_status']).toBe('preparing');
    expect(await settled()).toBe('mergeable');
  });

  test('is unknown again when the target moves, and is computed once somebody looks', async () => {
    await openMergeRequest(scene);
    await scene.settle();
    await commit('main', { 'other/main.tf': 'moved\n' });
    const [listed] = records((await scene.api('GET', '/merge_requests')).body);
    expect(listed?.['detailed_merge_status']).toBe('unchecked');
    expect((await shown())['detailed_merge_status']).toBe('checking');
    await scene.settle();
    expect((await shown())['detailed_merge_status']).toBe('mergeable');
  });

  test('is what real git says about a conflict', async () => {
    await openMergeRequest(scene);
    await commit('main', { 'main.tf': 'something else\n' });
    expect(await settled()).toBe('conflict');
    expect(await shown()).toMatchObject({ has_conflicts: true, merge_status: 'cannot_be_merged' });
    expect(await merge()).toMatchObject({ status: 422, body: { message: 'Branch cannot be merged' } });
  });

  test('says draft, unresolved thread, missing approval, closed', async () => {
    await settings({ onlyAllowMergeIfAllDiscussionsAreResolved: true });
    await openMergeRequest(scene, { title: 'Draft: change' });
    expect(await settled()).toBe('draft_status');
    const thread = record((await scene.api('POST', '/merge_requests/1/discussions', { body: 'Why?' })).body);
    await scene.api('PUT', '/merge_requests/1', { title: 'change' });
    expect(await settled()).toBe('discussions_not_resolved');
    expect((await merge()).status).toBe(405);
    await scene.api('PUT', `/merge_requests/1/discussions/${String(thread['id'])}`, { resolved: true });
    expect(await settled()).toBe('mergeable');
    await settings({ approvalsRequired: 1 });
    expect(await settled()).toBe('not_approved');
    await scene.api('PUT', '/merge_requests/1', { state_event: 'close' });
    expect(await settled()).toBe('not_open');
  });

  test('needs a rebase where merges must be fast-forward; the rebase moves the head', async () => {
    await settings({ mergeMethod: 'ff' });
    await openMergeRequest(scene);
    await commit('main', { 'other/main.tf': 'moved\n' });
    expect(await settled()).toBe('need_rebase');
    const begun = await scene.api('PUT', '/merge_requests/1/rebase');
    expect(begun).toMatchObject({ status: 202, body: { rebase_in_progress: true } });
    await scene.settle();
    const after = await shown();
    expect(after['sha']).not.toBe(scene.head);
    expect(after['detailed_merge_status']).toBe('mergeable');
    const merged = record((await merge({ sha: after['sha'] })).body);
    expect(merged).toMatchObject({ state: 'merged', merge_commit_sha: null });
  });

  test('can be shown stale on demand', async () => {
    await openMergeRequest(scene);
    await scene.settle();
    await scene.sandbox('POST', '/faults', { kind: 'stale-mergeability', count: 2 });
    const seen = [await shown(), await shown(), await shown()].map((one) => one['detailed_merge_status']);
    expect(seen).toEqual(['checking', 'checking', 'mergeable']);
  });
});

describe('a merge in the GitLab double', () => {
  test('is refused to those who may not, for another head, and twice', async () => {
    await openMergeRequest(scene);
    expect((await merge({}, scene.engineer.token)).status).toBe(401);
    expect((await merge({ sha: 'f'.repeat(40) })).status).toBe(409);
    expect((await merge()).status).toBe(200);
    expect((await merge()).status).toBe(405);
  });

  test('makes a merge commit of both parents, with the message that was asked for', async () => {
    await openMergeRequest(scene);
    const main = record((await scene.api('GET', '/repository/branches/main')).body);
    const merged = record((await merge({ merge_commit_message: 'Change 1\n\nApproved.' })).body);
    const made = record(
      (await scene.api('GET', `/repository/commits/${String(merged['merge_commit_sha'])}`)).body,
    );
    expect(made).toMatchObject({
      parent_ids: [record(main['commit'])['id'], scene.head],
      message: 'Change 1\n\nApproved.',
    });
    const found = records((await scene.api('GET', `/repository/commits/${scene.head}/merge_requests`)).body);
    expect(found).toMatchObject([{ iid: 1, state: 'merged' }]);
  });

  test('squashes when asked to', async () => {
    await commit('feature', { 'more.tf': 'x\n' });
    const opened = await openMergeRequest(scene);
    const merged = record((await merge({ sha: opened['sha'], squash: true })).body);
    expect(merged['squash_commit_sha']).toMatch(/^[0-9a-f]{40}$/);
    const squashed = record(
      (await scene.api('GET', `/repository/commits/${String(merged['squash_commit_sha'])}`)).body,
    );
    expect(squashed).toMatchObject({ title: 'Change main', author_name: 'Erin Engineer' });
  });

  test('asked for twice at once happens once', async () => {
    await openMergeRequest(scene);
    const both = await Promise.all([merge(), merge()]);
    expect(Math.min(...both.map((one) => one.status))).toBe(200);
    const log = records((await scene.api('GET', '/events?action=pushed')).body);
    expect(log.filter((one) => record(one['push_data'])['ref'] === 'main')).toHaveLength(1);
  });

  test('approvals: not by the author, not twice, not for a stale head', async () => {
    await openMergeRequest(scene);
    const approve = (token: string, sha?: string) =>
      scene.api('POST', '/merge_requests/1/approve', { sha }, token);
    expect((await approve(scene.engineer.token)).status).toBe(401);
    expect((await approve(scene.maintainer.token, 'f'.repeat(40))).status).toBe(409);
    expect((await approve(scene.maintainer.token, scene.head)).status).toBe(201);
    expect((await approve(scene.maintainer.token)).status).toBe(401);
    expect((await scene.api('POST', '/merge_requests/1/unapprove', {})).status).toBe(404);
  });

  test('a second merge request for the same branches is a conflict', async () => {
    await openMergeRequest(scene);
    const wish = { title: 'Again', source_branch: 'feature', target_branch: 'main' };
    const second = await scene.api('POST', '/merge_requests', wish, scene.engineer.token);
    expect(second.status).toBe(409);
    expect(second.body).toEqual({
      message: ['Another open merge request already exists for this source branch: !1'],
    });
  });

  test('the target can be changed, which makes a new version', async () => {
    await commit('stable', { 'stable.tf': 'x\n' });
    await openMergeRequest(scene);
    await scene.settle();
    scene.gitlab.world.mergeStatusDelayMs = 1_000;
    await scene.api('PUT', '/merge_requests/1', { target_branch: 'stable' });
    expect(await shown()).toMatchObject({
      target_branch: 'stable',
      detailed_merge_status: 'checking',
      sha: scene.head,
    });
    expect(records((await scene.api('GET', '/merge_requests/1/versions')).body)).toHaveLength(2);
  });
});
