import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGitlabClient } from '#adapters/gitlab/client.ts';
import { createCodeHost } from '#adapters/gitlab/code-host.ts';
import { createConversation } from '#adapters/gitlab/conversation.ts';
import type { CodeHost, CommitState, Conversation } from '#app/ports/code-host.ts';
import { type Version, VERSIONS } from '#test/sandbox/gitlab/versions.ts';
import { type Json, openMergeRequest, record, records, type Scene, setScene } from './gitlab-scene.ts';

// A status on the wrong pipeline blocks nothing, or for ever; so this is tried on every GitLab the double can be.

let scene: Scene;
let host: CodeHost;
let talk: Conversation;

async function open(version: Version): Promise<void> {
  scene = await setScene({ version });
  await openMergeRequest(scene);
  await scene.settle();
  const client = createGitlabClient({ baseUrl: scene.gitlab.url, token: scene.bot.token });
  host = createCodeHost(client);
  talk = createConversation(client);
}

describe.each(VERSIONS)('our commit status on GitLab %s', (version) => {
  beforeEach(() => open(version));
  afterEach(() => scene.close());

  test('may be set again to what it is, and then moves on', async () => {
    await talk.putStatus(status('running'));
    await talk.putStatus(status('running'));
    await talk.putStatus(status('success'));
    expect(await statusesOf()).toMatchObject([{ name: 'countersign', status: 'success' }]);
    expect(await host.statuses(target(), scene.head)).toEqual([]);
  });

  test('waits its turn when GitLab is busy with another status of the commit', async () => {
    await scene.sandbox('POST', '/faults', { kind: 'status-lock', count: 2 });
    await talk.putStatus(status('running'));
    expect(await statusesOf()).toHaveLength(1);
  });

  test('begins a pipeline only for a head that has none, and stays on it', async () => {
    const place = await talk.putStatus(status('running'));
    await talk.putStatus(status('success'), place);
    expect(await pipelines()).toMatchObject([
      { id: place?.pipelineId, source: 'external', ref: 'feature', sha: scene.head, status: 'success' },
    ]);
  });

  test('has those of the projects beside it, on the same pipeline and with an end', async () => {
    const beside = (state: CommitState, ...names: string[]) =>
      names.map((name) => ({ name, state, description: 'x', url: 'https://countersign.test/changes/c' }));
    const first = await talk.putStatus({ ...status('running'), beside: beside('running', 'fin/a', 'fin/b') });
    expect(first?.beside).toEqual(['fin/a', 'fin/b']);
    const second = await talk.putStatus({ ...status('running'), beside: beside('failed', 'fin/b') }, first);
    expect(second?.beside).toEqual(['fin/a']);
    expect(await host.statuses(target(), scene.head)).toEqual([]);
    const next = await push({ 'main.tf': 'next\n' });
    await talk.putStatus({ ...status('running'), sha: next }, second);
    const rows = await statusesOf();
    expect(rows.map(({ name, status: state }) => [name, state])).toEqual(
      expect.arrayContaining([
        ['countersign', 'canceled'],
        ['countersign/fin/a', 'canceled'],
        ['countersign/fin/b', 'failed'],
      ]),
    );
    expect(await pipelines()).toHaveLength(2);
  });

  test('that is only pending begins no pipeline, and stands on one that is there', async () => {
    expect(await talk.putStatus(status('pending'))).toBeUndefined();
    expect(await pipelines()).toEqual([]);
    const own = await runPipeline({ sha: scene.head, ref: 'feature', status: 'running' });
    expect(await talk.putStatus(status('pending'))).toMatchObject({ pipelineId: own.id, running: true });
  });

  test.each([
    ['of the branch', { ref: 'feature', source: 'push' }],
    ['of the merge request', { ref: 'refs/merge-requests/1/head', source: 'merge_request_event' }],
    ['of the merged result', { merged_result_of: 1 }],
  ])('stands on the pipeline %s, and none is begun beside it', async (_name, wish) => {
    const pipeline = await runPipeline({ ...wish, ...('ref' in wish ? { sha: scene.head } : {}) });
    const place = await talk.putStatus(status('running'));
    const { id, sha, ref } = pipeline;
    expect(place).toEqual({ head: scene.head, sha, ref, pipelineId: id, running: true });
    expect(await pipelines()).toMatchObject([{ id, status: 'running' }]);
    await mustPass();
    expect((await host.mergeRequest(target()))?.mergeable).toMatchObject({ answer: 'yes' });
    await talk.putStatus(status('success'), place);
    expect(await pipelines()).toMatchObject([{ id, status: 'success' }]);
    expect((await shown())['detailed_merge_status']).toBe('mergeable');
  });

  test('follows the head to a pipeline that came later, and leaves nothing running on the first', async () => {
    const first = await talk.putStatus(status('running'));
    const later = await runPipeline({ sha: scene.head, ref: 'feature', source: 'push' });
    const second = await talk.putStatus(status('running'), first);
    expect(second?.pipelineId).toBe(later.id);
    expect(await pipelines()).toMatchObject([
      { id: first?.pipelineId, status: 'canceled' },
      { id: later.id, status: 'running' },
    ]);
  });

  test('of a head that has moved on is ended where it stands, and the next head has one of its own', async () => {
    const first = await talk.putStatus(status('running'));
    const next = await push({ 'main.tf': 'next\n' });
    expect(await talk.putStatus(status('success'))).toBeUndefined();
    const second = await talk.putStatus({ ...status('running'), sha: next }, first);
    expect(second).toMatchObject({ head: next, sha: next, running: true });
    expect(await pipelines()).toMatchObject([
      { id: first?.pipelineId, sha: scene.head, status: 'canceled' },
      { id: second?.pipelineId, sha: next, status: 'running' },
    ]);
  });

  test('takes no pipeline of an older head for the present one', async () => {
    const old = await runPipeline({ merged_result_of: 1 });
    const next = await push({ 'main.tf': 'next\n' });
    expect(await shown()).toMatchObject({ sha: next, head_pipeline: { id: old.id } });
    const place = await talk.putStatus({ ...status('running'), sha: next });
    expect(place).toMatchObject({ sha: next, ref: 'feature' });
    expect((await pipelines()).find(({ id }) => id === old.id)?.['status']).toBe('success');
  });

  test('of a fork begins no pipeline here, where nobody would look at it, and leaves the fork’s alone', async () => {
    const fork = record(
      (await scene.sandbox('POST', `/projects/${scene.project}/forks`, { user: 'sam' })).body,
    );
    const there = Number(fork['id']);
    const commit = { user: 'sam', branch: 'theirs', files: { 'main.tf': 'theirs\n' } };
    const { sha } = record((await scene.sandbox('POST', `/projects/${there}/commits`, commit)).body);
    await scene.sandbox('POST', '/members', { user: 'sam', project: scene.project, access_level: 20 });
    const wish = {
      source_branch: 'theirs',
      target_branch: 'main',
      target_project_id: scene.project,
      title: 'F',
    };
    const opened = await scene.api('POST', `//projects/${there}/merge_requests`, wish, scene.stranger.token);
    const mergeRequest = { repository: scene.project, iid: Number(record(opened.body)['iid']) };
    const theirs = { ...status('running'), mergeRequest, sha: String(sha), ref: 'theirs' };
    expect(await talk.putStatus(theirs)).toBeUndefined();
    const own = { user: 'sam', sha, ref: 'theirs', status: 'running' };
    await scene.sandbox('POST', `/projects/${there}/pipelines`, own);
    expect(await talk.putStatus(theirs)).toBeUndefined();
    expect(await pipelines()).toEqual([]);
  });

  test('with our name but by somebody else is not ours', async () => {
    await postAs(scene.maintainer.token, scene.head, {
      state: 'success',
      name: 'countersign',
      ref: 'feature',
    });
    expect(await host.statuses(target(), scene.head)).toMatchObject([
      { name: 'countersign', state: 'success' },
    ]);
  });

  test('of others counts on the pipeline that decides, wherever it runs, and as the newest of its name', async () => {
    const branch = await runPipeline({ sha: scene.head, ref: 'feature', source: 'push' });
    const result = await runPipeline({ merged_result_of: 1 });
    const post = (at: typeof branch, name: string, state: string) =>
      postAs(scene.maintainer.token, at.sha, { state, name, ref: at.ref, pipeline_id: at.id });
    await post(branch, 'test', 'failed');
    await post(branch, 'lint', 'success');
    await post(result, 'test', 'running');
    const seen = await host.statuses(target(), scene.head);
    expect(seen.map(({ name, state }) => [name, state])).toEqual([
      ['test', 'running'],
      ['lint', 'success'],
    ]);
  });
});

const target = () => ({ repository: scene.project, iid: 1 });

function status(state: CommitState) {
  return {
    mergeRequest: target(),
    sha: scene.head,
    ref: 'feature',
    state,
    description: 'Planned',
    url: 'https://countersign.test/changes/chg_1',
  };
}

/** A status that somebody else posts. */
async function postAs(token: string, sha: string, body: Json): Promise<void> {
  const answer = await scene.api('POST', `/statuses/${sha}`, body, token);
  expect(answer.status).toBe(201);
}

interface PipelineRow {
  id: number;
  sha: string;
  ref: string;
  status: string;
}

async function runPipeline(wish: Json): Promise<PipelineRow> {
  const body = { user: 'mara', status: 'success', ...wish };
  return (await scene.sandbox('POST', `/projects/${scene.project}/pipelines`, body)).body as PipelineRow;
}

/** All pipelines of the project, oldest first. */
async function pipelines(): Promise<Json[]> {
  return records((await scene.api('GET', '/pipelines?sort=asc')).body);
}

async function push(files: Record<string, string>): Promise<string> {
  const body = { user: 'mara', branch: 'feature', files };
  return String(
    record((await scene.sandbox('POST', `/projects/${scene.project}/commits`, body)).body)['sha'],
  );
}

async function shown(): Promise<Json> {
  return record((await scene.api('GET', '/merge_requests/1')).body);
}

/** "Pipelines must succeed". */
async function mustPass(): Promise<void> {
  const settings = { onlyAllowMergeIfPipelineSucceeds: true };
  await scene.sandbox('PATCH', `/projects/${scene.project}`, { settings });
}

async function statusesOf(): Promise<Json[]> {
  return records((await scene.api('GET', `/repository/commits/${scene.head}/statuses`)).body);
}
