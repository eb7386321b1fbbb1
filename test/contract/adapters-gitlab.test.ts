import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGitlabClient } from '#adapters/gitlab/client.ts';
import { createCodeHost } from '#adapters/gitlab/code-host.ts';
import { createConversation } from '#adapters/gitlab/conversation.ts';
import { createReleaseDesk } from '#adapters/gitlab/release-desk.ts';
import type { GitlabCall } from '#adapters/gitlab/transport.ts';
import type { CodeHost, Conversation, PushView, ReleaseDesk } from '#app/ports/code-host.ts';
import type { MergeRequestRef } from '#domain/change.ts';
import { startGitlab } from '#test/sandbox/gitlab/server.ts';
import type { GitlabDouble } from '#test/sandbox/gitlab/server.ts';
import { ask, post } from '#test/sandbox/house/http.ts';

// The adapters against the GitLab double, over HTTP. What the double is worth is checked elsewhere in this folder.

const MARKER = '<!-- countersign:v1:chg_1:summary -->';

interface Scene {
  gitlab: GitlabDouble;
  dir: string;
  project: number;
  ref: MergeRequestRef;
  head: string;
  botId: number;
  botToken: string;
  /** Of the maintainer `mara`, who also wrote the change. */
  personId: number;
  personToken: string;
  calls: GitlabCall[];
  host: CodeHost;
  talk: Conversation;
  desk: ReleaseDesk;
}

let scene: Scene;

beforeEach(async () => {
  scene = await setTheScene();
});
afterEach(async () => {
  await scene.gitlab.close();
  await rm(scene.dir, { recursive: true, force: true });
});

describe('the merge request', () => {
  test('has a target of which is told who gets past a merge request there', async () => {
    const [main, feature] = await Promise.all([
      scene.host.branch(scene.project, 'main'),
      scene.host.branch(scene.project, 'feature'),
    ]);
    expect(main).toMatchObject({ isProtected: true, developersMayPush: false });
    expect(feature).toMatchObject({ headSha: scene.head, isProtected: false });
    expect(await scene.host.branch(scene.project, 'nowhere')).toBeUndefined();
  });

  test('is read with its head, branches and author, and is mergeable once GitLab has found out', async () => {
    const found = await scene.host.mergeRequest(scene.ref);
    expect(found).toMatchObject({
      state: 'open',
      headSha: scene.head,
      sourceBranch: 'feature',
      targetBranch: 'main',
      authorId: scene.personId,
      draft: false,
      mergeable: { answer: 'yes' },
    });
  });

  test('read at once, while GitLab still computes, is neither mergeable nor not', async () => {
    await fault({ kind: 'stale-mergeability' });
    const before = scene.calls.length;
    const found = await scene.host.mergeRequest(scene.ref, { mergeability: 'at-once' });
    expect(found?.mergeable.answer).toBe('unknown');
    expect(scene.calls.length - before).toBe(1);
  });

  test('that does not exist is undefined', async () => {
    expect(await scene.host.mergeRequest({ ...scene.ref, iid: 999 })).toBeUndefined();
  });

  test('our own running status does not make it unmergeable; a failed one of others does', async () => {
    await sandbox('PATCH', `/projects/${scene.project}`, {
      settings: { onlyAllowMergeIfPipelineSucceeds: true },
    });
    await scene.talk.putStatus(status('running'));
    expect((await scene.host.mergeRequest(scene.ref))?.mergeable).toMatchObject({ answer: 'yes' });
    await api('POST', `/projects/${scene.project}/statuses/${scene.head}`, {
      state: 'failed',
      name: 'scan',
      ref: 'feature',
    });
    const { mergeable } = (await scene.host.mergeRequest(scene.ref)) ?? {};
    expect(mergeable).toMatchObject({ answer: 'no' });
    expect(mergeable?.reason).toContain('scan is failed');
  });

  test('the sweep lists it by the time of its last update', async () => {
    const since = new Date(Date.now() - 60_000).toISOString();
    expect(await scene.host.updatedMergeRequests(scene.project, since)).toMatchObject([
      { iid: scene.ref.iid, headSha: scene.head, state: 'open', targetBranch: 'main' },
    ]);
    const later = new Date(Date.now() + 60_000).toISOString();
    expect(await scene.host.updatedMergeRequests(scene.project, later)).toEqual([]);
  });
});

describe('people', () => {
  test('a member is read with the level in force; a stranger is undefined', async () => {
    expect(await scene.host.member(scene.project, scene.personId)).toMatchObject({ accessLevel: 40 });
    const { id } = await sandbox<{ id: number }>('POST', '/users', { username: 'stranger' });
    expect(await scene.host.member(scene.project, id)).toBeUndefined();
  });

  test('a blocked member has no level any more', async () => {
    await sandbox('PATCH', '/users/mara', { state: 'blocked' });
    expect((await scene.host.member(scene.project, scene.personId))?.accessLevel ?? 0).toBe(0);
  });

  test('a member of a group is read with what they inherit and what an invited group brings', async () => {
    const level = async (group: string) => {
      const answer = await scene.host.groupMember(group, scene.personId);
      return answer.ok ? (answer.value?.accessLevel ?? 0) : answer.reason;
    };
    await sandbox('POST', '/groups', { path: 'fin/operators', visibility: 'public' });
    expect(await level('fin/operators')).toBe(0);
    await sandbox('POST', '/groups', { path: 'crew' });
    await sandbox('POST', '/members', { user: 'mara', group: 'crew', access_level: 40 });
    await sandbox('POST', '/invitations', { group: 'fin/operators', invited: 'crew', access_level: 30 });
    expect(await level('fin/operators')).toBe(30);
    await sandbox('POST', '/members', { user: 'mara', group: 'fin', access_level: 50 });
    expect(await level('fin/operators')).toBe(50);
    await sandbox('POST', '/members', {
      user: 'mara',
      group: 'fin',
      access_level: 50,
      expires_at: '2020-01-01',
    });
    expect(await level('fin/operators')).toBe(30);
  });

  test('a group that our account is not shown is no answer about anybody', async () => {
    await sandbox('POST', '/groups', { path: 'secret' });
    await sandbox('POST', '/members', { user: 'mara', group: 'secret', access_level: 50 });
    for (const group of ['secret', 'nowhere']) {
      const answer = await scene.host.groupMember(group, scene.personId);
      expect(answer).toEqual({ ok: false, reason: `GitLab does not show the group ${group} to our account` });
    }
  });

  test('all members of a group are told, inherited ones only where they are asked for', async () => {
    await sandbox('POST', '/groups', { path: 'fin/approvers', visibility: 'public' });
    await sandbox('POST', '/members', { user: 'mara', group: 'fin', access_level: 50 });
    const members = async (inherited: boolean) => {
      const answer = await scene.host.groupMembers('fin/approvers', { inherited });
      return answer.ok ? answer.value.map(({ id, accessLevel }) => [id, accessLevel]) : answer.reason;
    };
    expect(await members(false)).toEqual([]);
    expect(await members(true)).toContainEqual([scene.personId, 50]);
    await sandbox('POST', '/members', { user: 'mara', group: 'fin/approvers', access_level: 30 });
    expect(await members(false)).toEqual([[scene.personId, 30]]);
    const past = { user: 'mara', group: 'fin/approvers', access_level: 30, expires_at: '2020-01-01' };
    await sandbox('POST', '/members', past);
    expect(await members(false)).not.toContainEqual([scene.personId, 30]);
    expect(await scene.host.groupMembers('nowhere', { inherited: false })).toEqual({
      ok: false,
      reason: 'GitLab does not show the group nowhere to our account',
    });
  });

  test('who approved the merge request is told, with whether the present head was before them', async () => {
    const { id } = await sandbox<{ id: number }>('POST', '/users', { username: 'rex', name: 'Rex Reviewer' });
    const { token } = await sandbox<{ token: string }>('POST', '/tokens', { user: 'rex', scopes: ['api'] });
    await sandbox('POST', '/members', { user: 'rex', project: scene.project, access_level: 30 });
    const path = `/projects/${scene.project}/merge_requests/${scene.ref.iid}`;
    await post(`${scene.gitlab.url}/api/v4${path}/approve`, {}, { 'private-token': token });
    const before = await scene.host.approvals(scene.ref, scene.head);
    expect(before).toMatchObject([{ userId: id, username: 'rex', ofHead: true }]);
    const { sha } = await sandbox<{ sha: string }>('POST', `/projects/${scene.project}/commits`, {
      user: 'mara',
      branch: 'feature',
      files: { 'later.tf': 'later\n' },
    });
    await expect.poll(async () => (await scene.host.mergeRequest(scene.ref))?.headSha).toBe(sha);
    expect(await scene.host.approvals(scene.ref, sha)).toMatchObject([{ userId: id, ofHead: false }]);
    // Of a head that is none of the merge request's nothing can be told.
    expect(await scene.host.approvals(scene.ref, scene.head)).toMatchObject([{ ofHead: undefined }]);
  });

  test('who pushed the branch is told, newest first: from which head to which, back to the push that made it', async () => {
    const { sha } = await sandbox<{ sha: string }>('POST', `/projects/${scene.project}/commits`, {
      user: 'mara',
      branch: 'feature',
      files: { 'later.tf': 'later\n' },
    });
    const by = scene.personId;
    expect(await pushes('feature')).toEqual([
      { by, moved: { from: scene.head, to: sha } },
      { by, moved: { from: undefined, to: scene.head } },
    ]);
    expect(await pushes('elsewhere')).toEqual([]);
  });

  test('whoever pushed many branches at once may have pushed any of them, and no tag is a branch', async () => {
    const clone = path.join(scene.dir, 'clone');
    const { host } = new URL(scene.gitlab.url);
    const url = `http://mara:${scene.personToken}@${host}/fin/infra.git`;
    await git(scene.dir, 'clone', '--quiet', url, clone);
    const made = ['one', 'two', 'three', 'feature-2'].map((name) => `origin/main:refs/heads/${name}`);
    await git(clone, 'push', '--quiet', 'origin', ...made, 'origin/main:refs/tags/two');
    expect(await pushes('two')).toEqual([{ by: scene.personId }]);
    expect(await pushes('feature')).toHaveLength(2);
  });
});

describe('the note', () => {
  test('is made once and then edited in place', async () => {
    const first = await scene.talk.putNote(scene.ref, MARKER, 'planning');
    const second = await scene.talk.putNote(scene.ref, MARKER, 'planned');
    const third = await scene.talk.putNote(scene.ref, MARKER, 'approved', { id: first.id });
    expect([second.id, third.id]).toEqual([first.id, first.id]);
    expect(await ourNotes()).toEqual([`${MARKER}\napproved`]);
  });

  test('whose posting was cut off after the write is found again, so that there is one', async () => {
    await fault({ kind: 'reset-after', method: 'POST', path: '/notes' });
    await expect(scene.talk.putNote(scene.ref, MARKER, 'planned', 'none')).rejects.toMatchObject({
      code: 'gitlab-unreachable',
      retryable: true,
    });
    await scene.talk.putNote(scene.ref, MARKER, 'planned');
    expect(await ourNotes()).toHaveLength(1);
  });

  test('is posted once when GitLab answers 502, however often gitbeaker would have tried', async () => {
    await fault({ kind: 'status', status: 502, method: 'POST', path: '/notes', count: 20 });
    await expect(scene.talk.putNote(scene.ref, MARKER, 'planned')).rejects.toMatchObject({
      code: 'gitlab-failing',
    });
    expect(await asked('POST', '/notes')).toBe(1);
  });

  test('that was posted twice is one again after the next edit, and it is the older one', async () => {
    const first = await scene.talk.putNote(scene.ref, MARKER, 'one', 'none');
    await scene.talk.putNote(scene.ref, MARKER, 'two', 'none');
    expect(await scene.talk.putNote(scene.ref, MARKER, 'three')).toEqual(first);
    expect(await ourNotes()).toEqual([`${MARKER}\nthree`]);
  });

  test('that somebody deleted is made anew', async () => {
    const first = await scene.talk.putNote(scene.ref, MARKER, 'one');
    await api('DELETE', `/projects/${scene.project}/merge_requests/${scene.ref.iid}/notes/${first.id}`);
    const second = await scene.talk.putNote(scene.ref, MARKER, 'two', first);
    expect(second.id).not.toBe(first.id);
    expect(await ourNotes()).toHaveLength(1);
  });

  test('of somebody else with our marker is left alone', async () => {
    const body = `${MARKER}\nnot yours`;
    await api('POST', `/projects/${scene.project}/merge_requests/${scene.ref.iid}/notes`, { body });
    await scene.talk.putNote(scene.ref, MARKER, 'ours');
    expect(await ourNotes()).toHaveLength(2);
  });

  test('in which GitLab found a command is a fault, whatever it did', async () => {
    await expect(scene.talk.putNote(scene.ref, MARKER, 'look:\n/close\n')).rejects.toMatchObject({
      code: 'note-altered',
      retryable: false,
    });
  });

  test.each(['17.3', '19.0'] as const)(
    'made of a hostile plan is shown as it is by GitLab %s, which finds no command in it',
    async (version) => {
      scene.gitlab.world.version = version;
      const text = await readFile('test/unit/messages/snapshots/note-hostile.md', 'utf8');
      expect(text).toContain('/merge');
      await scene.talk.putNote(scene.ref, MARKER, text);
      await scene.talk.putNote(scene.ref, MARKER, `${text}\n`);
      expect(await ourNotes()).toEqual([`${MARKER}\n${text}`.trimEnd()]);
      expect(await scene.host.mergeRequest(scene.ref)).toMatchObject({
        state: 'open',
        title: 'Add a network',
      });
    },
  );

  test('a first note costs one call when nothing can be there, two when something may', async () => {
    await scene.host.self();
    const before = scene.calls.length;
    await scene.talk.putNote(scene.ref, MARKER, 'planned', 'none');
    expect(scene.calls.length - before).toBe(1);
    await scene.talk.putNote(scene.ref, '<!-- countersign:v1:chg_1:other -->', 'planned');
    expect(scene.calls.length - before).toBe(3);
  });

  test('comments since a time are found for the sweep, oldest first', async () => {
    const since = new Date(Date.now() - 60_000).toISOString();
    for (const body of ['countersign plan', 'countersign apply']) {
      await api('POST', `/projects/${scene.project}/merge_requests/${scene.ref.iid}/notes`, { body });
    }
    const found = (await scene.talk.notesSince(scene.ref, since)).filter((each) => !each.system);
    expect(found.map((each) => each.body)).toEqual(['countersign plan', 'countersign apply']);
    expect(await scene.talk.note(scene.ref, found[0]?.id ?? 0)).toMatchObject({ authorUsername: 'mara' });
    await scene.talk.react(scene.ref, found[0]?.id ?? 0, 'eyes');
    await scene.talk.react(scene.ref, found[0]?.id ?? 0, 'eyes');
  });
});

describe('the release tag', () => {
  const NAME = 'release/CHG-1';
  const MESSAGE = 'Release CHG-1\n\nApproval: CHG-1\n';

  test('is made annotated on the commit, and making it again finds it', async () => {
    const made = await scene.desk.createTag(scene.project, NAME, scene.head, MESSAGE);
    expect(made).toMatchObject({ ok: true, value: { name: NAME, sha: scene.head } });
    expect(await scene.desk.createTag(scene.project, NAME, scene.head, MESSAGE)).toEqual(made);
    expect(await scene.desk.tag(scene.project, NAME)).toMatchObject({ sha: scene.head });
    expect(await asked('POST', '/repository/tags')).toBe(1);
  });

  test('whose making was cut off after the write is found', async () => {
    await fault({ kind: 'reset-after', method: 'POST', path: '/repository/tags' });
    expect(await scene.desk.createTag(scene.project, NAME, scene.head, MESSAGE)).toMatchObject({ ok: true });
  });

  test('of the same name on another commit, or with another message, is a refusal', async () => {
    const main = (await scene.host.branch(scene.project, 'main'))?.headSha ?? '';
    await scene.desk.createTag(scene.project, NAME, main, MESSAGE);
    expect(await scene.desk.createTag(scene.project, NAME, scene.head, MESSAGE)).toMatchObject({ ok: false });
    expect(await scene.desk.createTag(scene.project, NAME, main, 'other words')).toMatchObject({ ok: false });
  });

  test('is a refusal where a rule keeps us from it, and the rules say so beforehand', async () => {
    expect(await scene.desk.tagProtection(scene.project, NAME)).toMatchObject({ protected: false });
    await api('POST', `/projects/${scene.project}/protected_tags`, {
      name: 'release/*',
      create_access_level: 0,
    });
    expect(await scene.desk.tagProtection(scene.project, NAME)).toMatchObject({
      protected: true,
      mayCreate: false,
    });
    expect(await scene.desk.createTag(scene.project, NAME, scene.head, MESSAGE)).toMatchObject({ ok: false });
  });

  test('may be made where the rule names our level', async () => {
    await api('POST', `/projects/${scene.project}/protected_tags`, {
      name: 'release/*',
      create_access_level: 40,
    });
    expect(await scene.desk.tagProtection(scene.project, NAME)).toMatchObject({
      protected: true,
      mayCreate: true,
    });
    expect(await scene.desk.tagProtection(scene.project, 'v1')).toMatchObject({ protected: false });
  });
});

describe('merging', () => {
  test('needs the head that was applied', async () => {
    await scene.host.mergeRequest(scene.ref);
    const stale = await scene.desk.merge(scene.ref, '0'.repeat(39) + '1');
    expect(stale).toMatchObject({ ok: false });
    expect(await scene.desk.merge(scene.ref, scene.head)).toMatchObject({ ok: true });
    expect(await scene.host.mergeRequest(scene.ref)).toMatchObject({ state: 'merged' });
  });

  test('that was cut off after the write is found to have happened', async () => {
    await scene.host.mergeRequest(scene.ref);
    await fault({ kind: 'reset-after', method: 'PUT', path: '/merge$' });
    expect(await scene.desk.merge(scene.ref, scene.head)).toMatchObject({ ok: true });
  });

  test('that GitLab refuses is a value with its reason', async () => {
    await api('PUT', `/projects/${scene.project}/merge_requests/${scene.ref.iid}`, {
      title: 'Draft: not yet',
    });
    expect(await scene.desk.merge(scene.ref, scene.head)).toMatchObject({ ok: false });
    expect((await scene.host.mergeRequest(scene.ref))?.mergeable).toEqual({
      answer: 'no',
      reason: 'it is a draft',
    });
  });
});

describe('the transport', () => {
  test('waits as long as GitLab asks before it reads again', async () => {
    await fault({
      kind: 'status',
      status: 429,
      retryAfter: 1,
      format: 'text',
      method: 'GET',
      path: '/branches/',
    });
    const started = performance.now();
    expect(await scene.host.branch(scene.project, 'feature')).toMatchObject({ headSha: scene.head });
    expect(performance.now() - started).toBeGreaterThanOrEqual(1_000);
  });

  test('does not wait for long: the job comes back at the time GitLab named', async () => {
    await fault({ kind: 'status', status: 429, retryAfter: 60, method: 'GET', path: '/branches/', count: 5 });
    await expect(scene.host.branch(scene.project, 'feature')).rejects.toMatchObject({
      code: 'gitlab-rate-limited',
      retryAfterMs: 60_000,
    });
    expect(await asked('GET', '/branches/')).toBe(1);
  });

  test('gives up on an answer that does not come, or is too large', async () => {
    await fault({ kind: 'slow', ms: 2_000, method: 'GET', path: '/user$', count: 3 });
    const impatient = clientWith({ timeoutMs: 50 });
    await expect(createCodeHost(impatient).self()).rejects.toMatchObject({ code: 'gitlab-timeout' });
    const small = createCodeHost(clientWith({ maxAnswerBytes: 100 }));
    await expect(small.mergeRequest(scene.ref)).rejects.toMatchObject({ code: 'gitlab-answer-too-large' });
  });

  test('a refused token shows nowhere in the fault', async () => {
    const wrong = createCodeHost(clientWith({ token: 'glpat-canary-0123456789' }));
    const failure: unknown = await wrong.self().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'gitlab-unauthorized', retryable: false });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('canary');
  });

  test('measures every call under a route without ids or names', async () => {
    await scene.host.branch(scene.project, 'feature');
    const routes = scene.calls.map((call) => `${call.method} ${call.route} ${call.status}`);
    expect(routes).toContain('GET projects/:id/repository/branches/:name 200');
  });
});

function status(state: 'running' | 'success') {
  const { ref, head } = scene;
  return {
    mergeRequest: ref,
    sha: head,
    ref: 'feature',
    state,
    description: 'Planned',
    url: 'https://countersign.test/changes/chg_1',
  };
}

async function ourNotes(): Promise<string[]> {
  const notes = await api<{ body: string; system: boolean }[]>(
    'GET',
    `/projects/${scene.project}/merge_requests/${scene.ref.iid}/notes`,
  );
  return notes.filter((each) => each.body.startsWith(MARKER)).map((each) => each.body);
}

/** How often the adapter sent such a request; the scene's own calls are somebody else's. */
async function asked(method: string, like: string): Promise<number> {
  const calls = scene.gitlab.world.requests.filter(
    (each) => each.method === method && each.path.includes(like),
  );
  return calls.filter((each) => !each.path.startsWith('/sandbox')).length;
}

function clientWith(overrides: Partial<Parameters<typeof createGitlabClient>[0]>) {
  return createGitlabClient({ baseUrl: scene.gitlab.url, token: scene.botToken, ...overrides });
}

async function pushes(branch: string): Promise<PushView[]> {
  const told: PushView[] = [];
  for await (const page of scene.host.pushes(scene.project, branch)) told.push(...page);
  return told;
}

const git = (cwd: string, ...args: string[]) => execa('git', args, { cwd });

async function setTheScene(): Promise<Scene> {
  const dir = await mkdtemp(path.join(tmpdir(), 'adapters-gitlab-'));
  const gitlab = await startGitlab({ dir, mergeStatusDelayMs: 100 });
  const admin = <T>(url: string, body: unknown) => post<T>(`${gitlab.url}/sandbox${url}`, body);
  const person = await admin<{ id: number }>('/users', { username: 'mara', email: 'mara@example.com' });
  const { token: personToken } = await admin<{ token: string }>('/tokens', { user: 'mara' });
  const project = await admin<{ id: number }>('/projects', {
    path: 'fin/infra',
    files: { 'README.md': 'infra\n' },
  });
  await admin('/members', { user: 'mara', project: project.id, access_level: 40 });
  const bot = await admin<{ user: { id: number }; token: string }>(`/projects/${project.id}/bots`, {});
  const { sha } = await admin<{ sha: string }>(`/projects/${project.id}/commits`, {
    user: 'mara',
    branch: 'feature',
    start: 'main',
    files: { 'network/main.tf': 'resource "terraform_data" "a" {}\n' },
  });
  const mergeRequest = await post<{ iid: number }>(
    `${gitlab.url}/api/v4/projects/${project.id}/merge_requests`,
    { source_branch: 'feature', target_branch: 'main', title: 'Add a network' },
    { 'private-token': personToken },
  );
  const calls: GitlabCall[] = [];
  const client = createGitlabClient({
    baseUrl: gitlab.url,
    token: bot.token,
    onCall: (call) => calls.push(call),
  });
  return {
    gitlab,
    dir,
    project: project.id,
    ref: { repository: project.id, iid: mergeRequest.iid },
    head: sha,
    botId: bot.user.id,
    botToken: bot.token,
    personId: person.id,
    personToken,
    calls,
    host: createCodeHost(client),
    talk: createConversation(client),
    desk: createReleaseDesk(client),
  };
}

async function sandbox<T = unknown>(method: string, url: string, body: unknown): Promise<T> {
  return ask<T>(`${scene.gitlab.url}/sandbox${url}`, { method, body });
}

async function fault(body: Record<string, unknown>): Promise<void> {
  await sandbox('POST', '/faults', body);
}

/** As the maintainer. */
async function api<T = unknown>(method: string, url: string, body?: unknown): Promise<T> {
  const headers = { 'private-token': scene.personToken };
  return ask<T>(`${scene.gitlab.url}/api/v4${url}`, { method, body, headers });
}
