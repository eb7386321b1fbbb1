import { stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { backstage } from '#test/support/gitlab-backstage.ts';
import {
  countEntries,
  logTells,
  nothingApplied,
  onApproval,
  onCommand,
  oneSubnet,
  quiet,
  refusedReply,
} from '#test/support/refusals.ts';
import { openStory, type Story, until } from '#test/support/story.ts';

// What a merge request goes through beside its commits. The page `docs/merge-requests.md` says what each of these does.

let story: Story;
let behind: ReturnType<typeof backstage>;
beforeAll(async () => {
  story = await openStory({ sweepSeconds: 3_600 });
  behind = backstage(story);
});
afterAll(() => story?.close());

describe('draft and ready', () => {
  test('a plan goes to review when it is ready, leaves it with the draft, and needs an approval of its own after that', async () => {
    await story.erin.push('draft', oneSubnet(story, onCommand('draft')));
    const { iid } = await story.erin.open('draft', 'Draft: not yet');
    await story.noteSays(iid, /It is a draft: mark it as ready/);
    expect(await countEntries(story, iid, 'plan-run-ended')).toBe(0);

    await edit(iid, { title: 'Ready' });
    const key = await approved(iid);
    await edit(iid, { title: 'Draft: wait' });
    await story.ticketIs(iid, 'Requested');
    await story.noteSays(iid, /\*\*Not in review\.\*\* It is a draft/);
    await logTells(story, iid, 'approval-voided', /it is a draft/);
    expect(await refusedReply(story, story.olga, iid)).toContain('is a draft');
    await nothingApplied(story, iid);

    await edit(iid, { title: 'Ready after all' });
    expect(await story.ticketIs(iid, 'In review')).toBe(key);
    expect(await refusedReply(story, story.olga, iid)).toContain(`${key} is in review and not approved yet`);
    expect(await plans(iid)).toBe(1);
  });

  test('a title, a description, labels and people change without a run', async () => {
    const { iid } = await story.propose('words', oneSubnet(story, onCommand('words')));
    await story.ticketIs(iid, 'In review');
    const { erin } = story.scene.players;
    await edit(iid, { title: 'Better words', description: 'Why', add_labels: 'network,urgent' });
    await edit(iid, { assignee_ids: [erin.gitlab.id], reviewer_ids: [erin.gitlab.id] });
    await quiet(story);
    expect([await plans(iid), (await story.changeOf(iid)).state.revision?.number]).toEqual([1, 1]);
    await story.ticketIs(iid, 'In review');
  });
});

describe('another base', () => {
  test('a target that changes makes a revision, voids the approval, and its own configuration says what is planned; nothing is applied before it is protected', async () => {
    const two = { ...oneSubnet(story, onCommand('moved')), ...oneSubnet(story, onCommand('unmoved')) };
    await story.olga.push('stable', {
      'countersign.yaml': stringify({ version: 1, autodiscover: { ignore: [onCommand('unmoved')] } }),
    });
    const { iid } = await story.propose('moved', two);
    await approved(iid);
    expect(await projects(iid)).toEqual([onCommand('moved'), onCommand('unmoved')]);

    await edit(iid, { target_branch: 'stable' });
    await logTells(story, iid, 'approval-voided', /revision 2/);
    await until('the projects of the new target', async () =>
      (await projects(iid)).length === 1 ? true : undefined,
    );
    expect(await projects(iid)).toEqual([onCommand('moved')]);
    await story.ticketIs(iid, 'In review');
    expect(await refusedReply(story, story.olga, iid)).toContain('not approved yet');
    await approve(iid);
    await story.changeIs(iid, 'blocked');
    expect(await refusedReply(story, story.olga, iid)).toContain('stable is not protected');
    await story.olga.asked('/protected_branches', 'POST', { name: 'stable' });
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
    const { commit } = await story.erin.asked<{ commit: { id: string } }>('/repository/branches/stable');
    expect((await story.erin.mergeRequest(iid)).merge_commit_sha).toBe(commit.id);
    await logTells(story, iid, 'compared-after-merge', /"differing":\[\]/);
  });

  test('a rebase is another head: the equal plan is asked about again', async () => {
    const { iid, sha } = await story.propose('rebased', oneSubnet(story, onCommand('rebased')));
    await approved(iid);
    await story.olga.push('main', { 'NEWS.md': 'Something else.\n' });
    await story.erin.asked(`/merge_requests/${iid}/rebase`, 'PUT');
    await logTells(story, iid, 'revision-opened', /"revision":2/);
    const again = await story.changeIs(iid, 'awaiting-approval');
    expect(again.state.revision?.headSha).not.toBe(sha);
    await story.ticketIs(iid, 'In review');
    expect(await refusedReply(story, story.olga, iid)).toContain('not approved yet');
    await approved(iid);
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
  });

  test('a merge request on top of another follows it to the target when that one is merged', async () => {
    await story.erin.push('below', oneSubnet(story, onApproval('below')));
    const below = await story.erin.asked<{ iid: number }>('/merge_requests', 'POST', {
      source_branch: 'below',
      target_branch: 'main',
      title: 'Below',
      remove_source_branch: true,
    });
    await story.erin.push('above', oneSubnet(story, onCommand('above')), { from: 'below' });
    const above = await story.erin.open('above', 'Above', 'below');
    await story.ticketIs(above.iid, 'In review');
    expect(await projects(above.iid)).toEqual([onCommand('above')]);
    await approve(below.iid);
    await story.changeIs(below.iid, 'merged');
    await logTells(story, above.iid, 'revision-opened', /"revision":2/);
    await story.ticketIs(above.iid, 'In review');
    expect(await story.erin.asked(`/merge_requests/${above.iid}`)).toMatchObject({ target_branch: 'main' });
    expect(await projects(above.iid)).toEqual([onCommand('above')]);
  });

  test('a target branch that is deleted takes the plan out of review, and nothing is applied', async () => {
    await story.olga.push('doomed', { 'README.md': 'A branch for a while.\n' });
    await story.erin.push('homeless', oneSubnet(story, onCommand('homeless')), { from: 'doomed' });
    const { iid } = await story.erin.open('homeless', 'Homeless', 'doomed');
    await approve(iid);
    await story.changeIs(iid, 'blocked');
    await removeBranch('doomed');
    await story.noteSays(iid, /\*\*Not in review\.\*\* Its target branch doomed does not exist/);
    await story.ticketIs(iid, 'Requested');
    expect(await refusedReply(story, story.olga, iid)).toContain('doomed does not exist');
    await nothingApplied(story, iid);
  });
});

describe('the source branch', () => {
  test('deleted before the merge ends the change: GitLab closes the merge request, and nothing is applied', async () => {
    const { iid } = await story.propose('gone', oneSubnet(story, onCommand('gone')));
    const key = await approved(iid);
    await removeBranch('gone');
    await story.changeIs(iid, 'closed');
    await story.ticketIs(iid, 'Superseded');
    await nothingApplied(story, iid);
    await until('our status to have ended', async () =>
      (await ourStatus(iid))?.status === 'canceled' ? true : undefined,
    );
    expect((await story.issue(key)).fields.status.name).toBe('Superseded');
  });

  test('deleted with the merge leaves the release where it was applied', async () => {
    await story.erin.push('tidy', oneSubnet(story, onApproval('tidy')));
    const { iid, sha } = await story.erin.asked<{ iid: number; sha: string }>('/merge_requests', 'POST', {
      source_branch: 'tidy',
      target_branch: 'main',
      title: 'Tidy',
      remove_source_branch: true,
    });
    const key = await approve(iid);
    await story.changeIs(iid, 'merged');
    await quiet(story);
    expect((await story.changeOf(iid)).status).toBe('merged');
    expect((await story.erin.tag(`release/${key}`)).commit.id).toBe(sha);
    expect(await story.erin.asked(`/repository/branches/tidy`).catch(() => 'gone')).toBe('gone');
  });
});

describe('how it is merged', () => {
  afterEach(() =>
    behind.set({ mergeMethod: 'merge', mergeTrains: false, onlyAllowMergeIfPipelineSucceeds: false }),
  );

  test.each([
    ['with a merge commit', { mergeMethod: 'merge' }, {}],
    ['by fast-forward', { mergeMethod: 'ff' }, {}],
    ['squashed', { mergeMethod: 'merge' }, { squash: true }],
  ])(
    '%s, the release is the head that was applied, and the target holds what was applied',
    async (name, settings, more) => {
      await behind.set(settings);
      const branch = `merged-${name.replaceAll(' ', '-')}`;
      await story.erin.push(branch, oneSubnet(story, onApproval(branch)));
      const { iid, sha } = await story.erin.asked<{ iid: number; sha: string }>('/merge_requests', 'POST', {
        source_branch: branch,
        target_branch: 'main',
        title: name,
        ...more,
      });
      const key = await approve(iid);
      await story.changeIs(iid, 'merged');
      expect((await story.erin.tag(`release/${key}`)).commit.id).toBe(sha);
      await logTells(story, iid, 'compared-after-merge', /"differing":\[\]/);
    },
  );

  test('set to be merged by itself, it waits for our status: applied first, merged then, once', async () => {
    await behind.set({ onlyAllowMergeIfPipelineSucceeds: true });
    const { iid, sha } = await story.propose('by-itself', oneSubnet(story, onCommand('by-itself')));
    await story.ticketIs(iid, 'In review');
    await until('our status', async () => ((await ourStatus(iid))?.status === 'running' ? true : undefined));
    await story.mia.asked(`/merge_requests/${iid}/merge`, 'PUT', { sha, auto_merge: true });
    // GitLab's own pipeline comes later; our status follows onto it, and it alone does not suffice.
    const { id } = await runPipeline({ sha, ref: 'by-itself', status: 'running' });
    await until('our status on that pipeline', async () =>
      (await ourStatus(iid))?.pipeline_id === id ? true : undefined,
    );
    await runPipeline({ sha, ref: 'by-itself', status: 'success' });
    await quiet(story);
    expect((await story.erin.mergeRequest(iid)).state).toBe('opened');
    const key = await approved(iid);
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
    expect((await story.erin.tag(`release/${key}`)).commit.id).toBe(sha);
    await story.ticketIs(iid, 'Done');
  });

  test('no merge train takes what is not applied: our status runs on the pipeline that the train asks about', async () => {
    await behind.set({ mergeTrains: true, onlyAllowMergeIfPipelineSucceeds: true });
    const { iid, sha } = await story.propose('train', oneSubnet(story, onCommand('train')));
    await story.ticketIs(iid, 'In review');
    const result = await runPipeline({ merged_result_of: iid, status: 'success' });
    await until('our status on the pipeline of the merged result', async () => {
      const { id, status } = await headPipeline(iid);
      return id === result.id && status === 'running' ? true : undefined;
    });
    const train = `/merge_trains/merge_requests/${iid}`;
    await expect(story.mia.asked(train, 'POST', { sha })).rejects.toThrow('answered 405');
    await story.mia.asked(train, 'POST', { sha, auto_merge: true });
    await quiet(story);
    expect((await story.erin.mergeRequest(iid)).state).toBe('opened');

    const key = await approved(iid);
    await story.olga.comment(iid, 'countersign apply');
    const onTrain = await until('the pipeline of the train', async () => {
      const pipeline = await headPipeline(iid);
      return pipeline.ref.endsWith('/train') ? pipeline : undefined;
    });
    await story.changeIs(iid, 'applied-unmerged');
    const { ref, sha: merged } = onTrain;
    await runPipeline({ ref, sha: merged, source: 'merge_request_event', status: 'success' });
    await story.changeIs(iid, 'merged');
    expect((await story.erin.mergeRequest(iid)).merge_commit_sha).toBe(onTrain.sha);
    expect((await story.erin.tag(`release/${key}`)).commit.id).toBe(sha);
    await logTells(story, iid, 'compared-after-merge', /"differing":\[\]/);
  });

  test('merged by somebody before it was applied, that is told where everybody looks', async () => {
    const { iid, sha } = await story.propose('too-early', oneSubnet(story, onCommand('too-early')));
    await approved(iid);
    await story.mia.asked(`/merge_requests/${iid}/merge`, 'PUT', { sha });
    await story.noteSays(iid, /\*\*Merged without being applied\.\*\* Nothing of `fin\/prod\/too-early`/);
    await story.ticketIs(iid, 'Superseded');
    await logTells(story, iid, 'merged-unapplied', /"projects":\["fin\/prod\/too-early"\]/);
    await until('the status to say so', async () =>
      (await ourStatus(iid))?.description === 'Merged without being applied' ? true : undefined,
    );
    await nothingApplied(story, iid);
    expect((await story.changeOf(iid)).state.release.status).toBe('none');
  });
});

test('a plan of one project stands in the merge request after six calls of GitLab', async () => {
  await quiet(story);
  await behind.forget();
  const { iid } = await story.propose('cheap', oneSubnet(story, onApproval('cheap')));
  const { author } = await story.noteSays(iid, /first/);
  const calls = await behind.requests({ user: author.username, path: '^/api/' });
  const note = calls.findIndex(({ method, path }) => method === 'POST' && path.endsWith('/notes'));
  expect(note).toBeGreaterThan(0);
  expect(note + 1).toBeLessThanOrEqual(6);
});

test('the log of all these events proves itself', async () => {
  expect(await story.cli('audit', 'verify')).toMatchObject({ code: 0 });
});

/** Waits for the plan and lets Adam approve it; returns the ticket. */
async function approve(iid: number): Promise<string> {
  const key = await story.ticketIs(iid, 'In review');
  await story.adamInJira.move(key, 'Approved');
  return key;
}

/** As `approve`, for what then waits for an operator. */
async function approved(iid: number): Promise<string> {
  const key = await approve(iid);
  await story.changeIs(iid, 'ready');
  return key;
}

const edit = (iid: number, change: object) => story.erin.asked(`/merge_requests/${iid}`, 'PUT', change);

async function plans(iid: number): Promise<number> {
  const { id } = await story.changeOf(iid);
  return (await story.query('select 1 from plan_runs where change_id = $1', [id])).length;
}

async function projects(iid: number): Promise<string[]> {
  return (await story.changeOf(iid)).state.projects.map(({ key }) => key);
}

async function ourStatus(
  iid: number,
): Promise<{ status: string; description: string; pipeline_id: number } | undefined> {
  const { sha } = await story.erin.mergeRequest(iid);
  const rows = await story.erin.asked<
    { name: string; status: string; description: string; pipeline_id: number }[]
  >(`/repository/commits/${sha}/statuses?per_page=100`);
  return rows.findLast(({ name }) => name === 'countersign');
}

async function headPipeline(iid: number): Promise<{ id: number; sha: string; ref: string; status: string }> {
  const { head_pipeline: pipeline } = await story.erin.asked<{
    head_pipeline: { id: number; sha: string; ref: string; status: string };
  }>(`/merge_requests/${iid}`);
  return pipeline;
}

const runPipeline = (wish: object) => behind.runPipeline({ user: 'mia', ...wish });

const removeBranch = (branch: string) =>
  story.olga.asked(`/repository/branches/${encodeURIComponent(branch)}`, 'DELETE');
