import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cloneUrl, git, openMergeRequest, record, records, type Scene, setScene } from './gitlab-scene.ts';

let scene: Scene;
let clone: string;

beforeEach(async () => {
  scene = await setScene();
  clone = path.join(scene.dir, 'clone');
  await git(scene.dir, 'clone', '-q', cloneUrl(scene, scene.engineer.token), 'clone');
});
afterEach(() => scene.close());

async function commit(content: string): Promise<string> {
  await writeFile(path.join(clone, 'main.tf'), content);
  await git(clone, 'commit', '-qam', content);
  return (await git(clone, 'rev-parse', 'HEAD')).stdout;
}

describe('git against the GitLab double', () => {
  test('a push to the source branch of a merge request moves its head', async () => {
    await openMergeRequest(scene);
    await scene.settle();
    await git(clone, 'checkout', '-q', 'feature');
    const sha = await commit('more\n');
    scene.gitlab.world.mergeStatusDelayMs = 1_000;
    expect(await git(clone, 'push', '-q', 'origin', 'feature')).toMatchObject({ ok: true });
    const shown = record((await scene.api('GET', '/merge_requests/1')).body);
    expect(shown).toMatchObject({ sha, detailed_merge_status: 'checking', diff_refs: { head_sha: sha } });
    await scene.settle();
    expect(record((await scene.api('GET', '/merge_requests/1')).body)['detailed_merge_status']).toBe(
      'mergeable',
    );
    const [event] = records((await scene.api('GET', '/events?action=pushed')).body);
    expect(event).toMatchObject({
      author: { username: 'erin' },
      push_data: {
        action: 'pushed',
        ref: 'feature',
        commit_from: scene.head,
        commit_to: sha,
        commit_count: 1,
      },
    });
  });

  test('the head of a merge request can be fetched by its ref and by its SHA, after a forced push too', async () => {
    await openMergeRequest(scene);
    await git(clone, 'checkout', '-q', 'feature');
    await git(clone, 'reset', '-q', '--hard', 'origin/main');
    const forced = await commit('rewritten\n');
    expect(await git(clone, 'push', '-q', '--force', 'origin', 'feature')).toMatchObject({ ok: true });
    const fresh = path.join(scene.dir, 'fresh');
    await git(scene.dir, 'init', '-q', 'fresh');
    const url = cloneUrl(scene, scene.bot.token);
    expect(await git(fresh, 'fetch', '-q', url, 'refs/merge-requests/1/head')).toMatchObject({ ok: true });
    expect((await git(fresh, 'rev-parse', 'FETCH_HEAD')).stdout).toBe(forced);
    expect(await git(fresh, 'fetch', '-q', '--depth=1', url, scene.head)).toMatchObject({ ok: true });
  });

  test('a protected branch takes pushes from those it names, in GitLab’s words', async () => {
    await commit('direct\n');
    const refused = await git(clone, 'push', 'origin', 'HEAD:main');
    expect(refused.output).toContain(
      'GitLab: You are not allowed to push code to protected branches on this project.',
    );
    expect(refused.output).toContain('pre-receive hook declined');
    await git(clone, 'remote', 'set-url', 'origin', cloneUrl(scene, scene.maintainer.token));
    expect(await git(clone, 'push', '-q', 'origin', 'HEAD:main')).toMatchObject({ ok: true });
    await git(clone, 'commit', '-q', '--amend', '-m', 'rewritten');
    const forced = await git(clone, 'push', '--force', 'origin', 'HEAD:main');
    expect(forced.output).toContain(
      'You are not allowed to force push code to a protected branch on this project.',
    );
  });

  test('a protected tag is made by those it names alone, and never moved', async () => {
    await scene.api('POST', '/protected_tags', { name: 'release/*', create_access_level: 40 });
    await git(clone, 'tag', 'release/A-1');
    const refused = await git(clone, 'push', 'origin', 'release/A-1');
    expect(refused.output).toContain('GitLab: You are not allowed to create this tag as it is protected.');
    await git(clone, 'remote', 'set-url', 'origin', cloneUrl(scene, scene.maintainer.token));
    expect(await git(clone, 'push', '-q', 'origin', 'release/A-1')).toMatchObject({ ok: true });
    await commit('later\n');
    await git(clone, 'tag', '-f', 'release/A-1');
    expect((await git(clone, 'push', '-f', 'origin', 'release/A-1')).output).toContain(
      'Protected tags cannot be updated.',
    );
    await git(clone, 'tag', 'v1');
    expect(await git(clone, 'push', '-q', 'origin', 'v1')).toMatchObject({ ok: true });
  });

  test('a bad, expired or too narrow token is turned away', async () => {
    const remote = (token: string) => git(scene.dir, 'ls-remote', cloneUrl(scene, token));
    expect((await remote('nonsense')).output).toMatch(/Access denied|Authentication failed/);
    const answer = await fetch(`${scene.gitlab.url}/infra/network.git/info/refs?service=git-upload-pack`);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="GitLab"']);
    const make = async (wish: object) =>
      String(record((await scene.sandbox('POST', '/tokens', { user: 'erin', ...wish })).body)['token']);
    expect((await remote(await make({ scopes: ['api'], expires_at: '2020-01-01' }))).ok).toBe(false);
    expect((await remote(await make({ scopes: ['read_api'] }))).ok).toBe(false);
    const reader = await make({ scopes: ['read_repository'] });
    expect((await remote(reader)).ok).toBe(true);
    await git(clone, 'remote', 'set-url', 'origin', cloneUrl(scene, reader));
    expect((await git(clone, 'push', 'origin', 'HEAD:refs/heads/other')).output).toContain(
      'not allowed to push',
    );
    expect((await remote(scene.stranger.token)).output).toMatch(/not found|could not be found/i);
  });

  test('a deploy token clones its own project under its own user name, and pushes nothing', async () => {
    const made = record(
      (await scene.api('POST', '/deploy_tokens', { name: 'clone', scopes: ['read_repository'] })).body,
    );
    const url = (user: unknown) =>
      `${scene.gitlab.url.replace('://', `://${encodeURIComponent(String(user))}:${String(made['token'])}@`)}/infra/network.git`;
    expect((await git(scene.dir, 'ls-remote', url(made['username']))).ok).toBe(true);
    expect((await git(scene.dir, 'ls-remote', url('other'))).ok).toBe(false);
    expect((await git(clone, 'push', url(made['username']), 'HEAD:refs/heads/x')).ok).toBe(false);
  });

  test('a fork is a repository of its own, and its merge request can be fetched from the target', async () => {
    await scene.sandbox('POST', '/members', { user: 'sam', project: scene.project, access_level: 20 });
    const fork = record(
      (await scene.sandbox('POST', `/projects/${scene.project}/forks`, { user: 'sam' })).body,
    );
    const files = { 'main.tf': 'forked\n' };
    const pushed = await scene.sandbox('POST', `/projects/${String(fork['id'])}/commits`, {
      user: 'sam',
      branch: 'idea',
      files,
    });
    const wish = {
      title: 'From a fork',
      source_branch: 'idea',
      target_branch: 'main',
      target_project_id: scene.project,
    };
    const made = await scene.api(
      'POST',
      `//projects/${String(fork['id'])}/merge_requests`,
      wish,
      scene.stranger.token,
    );
    expect(made.body).toMatchObject({ source_project_id: fork['id'], target_project_id: scene.project });
    await git(clone, 'fetch', '-q', 'origin', 'refs/merge-requests/1/head');
    const sha = record(pushed.body)['sha'];
    expect((await git(clone, 'rev-parse', 'FETCH_HEAD')).stdout).toBe(sha);
    const status = { state: 'running', name: 'countersign' };
    expect(await scene.api('POST', `/statuses/${String(sha)}`, status)).toMatchObject({
      status: 404,
      body: { message: '404 References for commit Not Found' },
    });
  });

  test('a push of more than three refs is one event that names none of them, and fires no hook', async () => {
    await scene.api('POST', '/hooks', { url: 'http://127.0.0.1:9/', push_events: true });
    const refs = ['a', 'b', 'c', 'd'].map((name) => `HEAD:refs/heads/${name}`);
    expect(await git(clone, 'push', '-q', 'origin', ...refs)).toMatchObject({ ok: true });
    await scene.settle();
    expect(records((await scene.sandbox('GET', '/deliveries')).body)).toEqual([]);
    const [event, before] = records((await scene.api('GET', '/events?action=pushed')).body);
    expect(event).toMatchObject({
      author: { username: 'erin' },
      push_data: { action: 'created', ref_type: 'branch', ref: null, ref_count: 4, commit_to: null },
    });
    expect(before).toMatchObject({ push_data: { ref: 'feature', ref_count: null } });
  });

  test('a push that brings the commits into the target merges the merge request; a removed branch closes it', async () => {
    await openMergeRequest(scene);
    await git(clone, 'remote', 'set-url', 'origin', cloneUrl(scene, scene.maintainer.token));
    expect(await git(clone, 'push', '-q', 'origin', 'origin/feature:main')).toMatchObject({ ok: true });
    expect(record((await scene.api('GET', '/merge_requests/1')).body)['state']).toBe('merged');
    await git(clone, 'checkout', '-q', '-b', 'second', 'origin/feature');
    await commit('second\n');
    await git(clone, 'push', '-q', 'origin', 'second');
    await openMergeRequest(scene, { source_branch: 'second' });
    expect(await git(clone, 'push', '-q', 'origin', ':second')).toMatchObject({ ok: true });
    expect(record((await scene.api('GET', '/merge_requests/2')).body)['state']).toBe('closed');
  });
});
