import { Gitlab } from '@gitbeaker/rest';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openMergeRequest, type Scene, setScene } from './gitlab-scene.ts';

// gitbeaker is a client that others wrote: what it sends and expects was not made up beside the double.

let scene: Scene;
let client: InstanceType<typeof Gitlab>;

beforeEach(async () => {
  scene = await setScene();
  client = new Gitlab({ host: scene.gitlab.url, token: scene.bot.token });
  await openMergeRequest(scene, { labels: 'network' });
  await scene.settle();
});
afterEach(() => scene.close());

describe('gitbeaker against the GitLab double', () => {
  test('learns who it is, what its token may, and which version it talks to', async () => {
    expect(await client.Users.showCurrentUser()).toMatchObject({ id: scene.bot.id, bot: true });
    const token = await client.PersonalAccessTokens.show();
    expect(token).toMatchObject({ scopes: ['api'], active: true, user_id: scene.bot.id });
    expect((await client.Metadata.show()).version).toMatch(/^19\.0\./);
    expect(await client.Projects.show('infra/network')).toMatchObject({
      id: scene.project,
      default_branch: 'main',
    });
  });

  test('lists, reads and labels a merge request', async () => {
    const open = await client.MergeRequests.all({
      projectId: scene.project,
      state: 'opened',
      updatedAfter: '2020-01-01T00:00:00Z',
    });
    expect(open.map((one) => one.iid)).toEqual([1]);
    const one = await client.MergeRequests.show(scene.project, 1, { includeRebaseInProgress: true });
    expect(one).toMatchObject({
      sha: scene.head,
      detailed_merge_status: 'mergeable',
      rebase_in_progress: false,
    });
    const changed = await client.MergeRequests.edit(scene.project, 1, {
      addLabels: 'countersign',
      removeLabels: 'network',
    });
    expect(changed.labels).toEqual(['countersign']);
    expect(await client.MergeRequests.allDiffs(scene.project, 1)).toMatchObject([
      { new_path: 'main.tf', new_file: false },
    ]);
    expect(await client.MergeRequests.allCommits(scene.project, 1)).toMatchObject([{ id: scene.head }]);
    expect(await client.MergeRequests.allDiffVersions(scene.project, 1)).toMatchObject([
      { head_commit_sha: scene.head },
    ]);
  });

  test('writes, edits, finds and deletes notes', async () => {
    const note = await client.MergeRequestNotes.create(scene.project, 1, 'A plan');
    expect(note).toMatchObject({ body: 'A plan', author: { id: scene.bot.id } });
    const edited = await client.MergeRequestNotes.edit(scene.project, 1, note.id, { body: 'A better plan' });
    expect(edited.body).toBe('A better plan');
    const all = await client.MergeRequestNotes.all(scene.project, 1, { sort: 'asc' });
    expect(all.map((one) => one.body)).toContain('A better plan');
    await client.MergeRequestNotes.remove(scene.project, 1, note.id);
    await expect(client.MergeRequestNotes.show(scene.project, 1, note.id)).rejects.toThrow('404 Not found');
  });

  test('opens a thread and resolves it', async () => {
    const thread = await client.MergeRequestDiscussions.create(scene.project, 1, 'Why?');
    const reply = await client.MergeRequestDiscussions.addNote(scene.project, 1, thread.id, 'Because');
    await client.MergeRequestDiscussions.editNote(scene.project, 1, thread.id, reply.id, { resolved: true });
    const [found] = await client.MergeRequestDiscussions.all(scene.project, 1);
    expect(found?.notes).toMatchObject([{ resolved: true }, { resolved: true, body: 'Because' }]);
  });

  test('gives an emoji once', async () => {
    const note = await client.MergeRequestNotes.create(scene.project, 1, 'countersign plan');
    await client.MergeRequestNoteAwardEmojis.award(scene.project, 1, note.id, 'eyes');
    await expect(client.MergeRequestNoteAwardEmojis.award(scene.project, 1, note.id, 'eyes')).rejects.toThrow(
      '404',
    );
    await client.MergeRequestAwardEmojis.award(scene.project, 1, 'rocket');
    expect(await client.MergeRequestAwardEmojis.all(scene.project, 1)).toMatchObject([{ name: 'rocket' }]);
  });

  test('sets and lists commit statuses', async () => {
    await client.Commits.editStatus(scene.project, scene.head, 'running', {
      name: 'countersign',
      ref: 'feature',
      targetUrl: 'https://countersign.example/changes/1',
      description: 'Planning',
    });
    const rows = await client.Commits.allStatuses(scene.project, scene.head, {
      all: true,
      name: 'countersign',
    });
    expect(rows).toMatchObject([
      { status: 'running', description: 'Planning', author: { id: scene.bot.id } },
    ]);
    const commit = await client.Commits.show(scene.project, scene.head);
    expect(commit).toMatchObject({ last_pipeline: { status: 'running', source: 'external' } });
  });

  test('approves, takes it back, and reads who approved', async () => {
    await client.MergeRequestApprovals.approve(scene.project, 1, { sha: scene.head });
    const shown = await client.MergeRequestApprovals.showConfiguration(scene.project, { mergerequestIId: 1 });
    expect(shown.approved_by).toMatchObject([{ user: { id: scene.bot.id } }]);
    await client.MergeRequestApprovals.unapprove(scene.project, 1);
    await expect(
      client.MergeRequestApprovals.approve(scene.project, 1, { sha: '0'.repeat(40) }),
    ).rejects.toThrow('SHA does not match HEAD');
  });

  test('protects release tags for one user and makes one', async () => {
    const allowedToCreate = [{ user_id: scene.bot.id }] as never;
    const rule = await client.ProtectedTags.protect(scene.project, 'release/*', { allowedToCreate });
    expect(rule.create_access_levels).toMatchObject([{ user_id: scene.bot.id }]);
    const tag = await client.Tags.create(scene.project, 'release/OPS-1', scene.head, { message: 'Applied' });
    expect(tag).toMatchObject({
      name: 'release/OPS-1',
      message: 'Applied',
      commit: { id: scene.head },
      protected: true,
    });
    expect((await client.Tags.show(scene.project, 'release/OPS-1')).target).not.toBe(scene.head);
    await expect(client.Tags.create(scene.project, 'release/OPS-1', scene.head)).rejects.toThrow(
      'already exists',
    );
    const person = new Gitlab({ host: scene.gitlab.url, token: scene.maintainer.token });
    await expect(person.Tags.create(scene.project, 'release/OPS-2', scene.head)).rejects.toThrow(
      'not allowed to create this tag',
    );
  });

  test('protects a branch, reads members and pushes', async () => {
    await client.ProtectedBranches.protect(scene.project, 'stable', {
      pushAccessLevel: 40,
      mergeAccessLevel: 40,
    } as never);
    expect((await client.ProtectedBranches.all(scene.project)).map((one) => one.name)).toEqual([
      'main',
      'stable',
    ]);
    const member = await client.ProjectMembers.show(scene.project, scene.engineer.id, {
      includeInherited: true,
    });
    expect(member).toMatchObject({ access_level: 30, state: 'active', expires_at: null });
    await expect(
      client.ProjectMembers.show(scene.project, scene.stranger.id, { includeInherited: true }),
    ).rejects.toThrow('404');
    const pushes = await client.Events.all({ projectId: scene.project, action: 'pushed' } as never);
    expect(pushes).toMatchObject([
      { author: { id: scene.engineer.id }, push_data: { commit_to: scene.head, ref: 'feature' } },
    ]);
  });

  test('registers a hook whose secrets are never shown again', async () => {
    const signingToken = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const options = { mergeRequestsEvents: true, token: 'secret', signingToken } as never;
    const hook = await client.ProjectHooks.add(scene.project, 'http://127.0.0.1:9/hook', options);
    expect(hook).toMatchObject({
      merge_requests_events: true,
      signing_token_present: true,
      alert_status: 'executable',
    });
    expect(JSON.stringify(await client.ProjectHooks.all(scene.project))).not.toMatch(/whsec_|"secret"/);
    await client.ProjectHooks.remove(scene.project, hook.id);
  });

  test('merges the head it has seen, and no other', async () => {
    await expect(client.MergeRequests.merge(scene.project, 1, { sha: '0'.repeat(40) })).rejects.toThrow(
      'SHA does not match HEAD',
    );
    const merged = await client.MergeRequests.merge(scene.project, 1, {
      sha: scene.head,
      shouldRemoveSourceBranch: true,
    });
    expect(merged).toMatchObject({ state: 'merged', merge_user: { id: scene.bot.id } });
    const branches = await client.Branches.all(scene.project);
    expect(branches.map((one) => one.name)).toEqual(['main']);
    expect(branches[0]?.commit.id).toBe(merged.merge_commit_sha);
  });

  test('makes a release once, and a deploy token whose value is shown once', async () => {
    await client.Tags.create(scene.project, 'v1', 'main');
    await client.ProjectReleases.create(scene.project, { tagName: 'v1', description: 'First' });
    await expect(
      client.ProjectReleases.create(scene.project, { tagName: 'v1', description: 'x' }),
    ).rejects.toThrow('already exists');
    const token = await client.DeployTokens.create('clone', ['read_repository'], {
      projectId: scene.project,
    });
    expect(token.scopes).toEqual(['read_repository']);
  });

  test('reads every page of a list by following the links', async () => {
    for (let at = 0; at < 25; at += 1)
      await scene.api('POST', '/merge_requests/1/notes', { body: `note ${at}` });
    const all = await client.MergeRequestNotes.all(scene.project, 1, { perPage: 10 });
    expect(all.filter((note) => note.body.startsWith('note'))).toHaveLength(25);
  });
});
