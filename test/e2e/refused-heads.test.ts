import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitlabAs } from '#test/sandbox/house/actors.ts';
import { ask, post } from '#test/sandbox/house/http.ts';
import type { Player, Scene } from '#test/sandbox/house/scene.ts';
import {
  countEntries,
  fault,
  forcePush,
  logTells,
  nothingApplied,
  onCommand,
  oneSubnet,
  quiet,
  refusedReply,
} from '#test/support/refusals.ts';
import { openStory, type Story } from '#test/support/story.ts';

let story: Story;
beforeAll(async () => {
  // No sweep comes to the rescue: what a hook does not tell stays untold here.
  story = await openStory({ sweepSeconds: 3_600 });
}, 60_000);
afterAll(() => story?.close());

const more = (folder: string) => ({ [`${folder}/outputs.tf`]: 'output "more" { value = 1 }\n' });

describe('a head other than the approved one', () => {
  test('is noticed at the gates even when every hook about it was lost', async () => {
    const folder = onCommand('unseen');
    const { iid } = await story.propose('unseen', oneSubnet(story, folder));
    const planned = await approved(iid);
    for (const event of ['Merge Request', 'Push'])
      await fault(story.gitlabUrl, { kind: 'hook-lose', event, count: 1 });
    const pushed = await story.erin.push('unseen', more(folder));
    const reply = await refusedReply(story, story.olga, iid);
    expect(reply).toContain(
      `\`revision-current\`: its head is ${pushed.slice(0, 12)}, the plan was made of ${planned.slice(0, 12)}`,
    );
    await logTells(story, iid, 'gates-evaluated', /revision-current.*its head is/);
    await nothingApplied(story, iid);
  });

  test('voids the approval, also when it is pushed away and back again', async () => {
    const folder = onCommand('there-and-back');
    const first = await story.erin.push('there-and-back', oneSubnet(story, folder));
    await story.erin.push('there-and-back', more(folder));
    const { iid } = await story.erin.open('there-and-back', 'There and back');
    const head = await approved(iid);
    await forcePush(story, 'there-and-back', first);
    await logTells(story, iid, 'approval-voided', new RegExp(`revision 2 at ${first.slice(0, 12)}`));
    const key = await story.ticketIs(iid, 'In review');
    await forcePush(story, 'there-and-back', head);
    await logTells(story, iid, 'revision-opened', new RegExp(`"headSha":"${head}","revision":3`));
    await story.noteSays(iid, /Waiting for approval[\s\S]*Revision 3/);
    const reply = await refusedReply(story, story.olga, iid);
    expect(reply).toContain(`${key} is in review and not approved yet`);
    await nothingApplied(story, iid);
  });
});

describe('a merge request that is not admitted', () => {
  test('as a draft is not planned before it is marked as ready', async () => {
    await story.erin.push('draft', oneSubnet(story, onCommand('draft')));
    const { iid } = await story.erin.open('draft', 'Draft: not yet');
    const { body } = await story.noteSays(iid, /No plan is made/);
    expect(body).toContain('It is a draft: mark it as ready to have it planned.');
    expect(await refusedReply(story, story.olga, iid)).toContain('is a draft');
    await logTells(story, iid, 'merge-request-read', /"code":"draft"/);
    await nothingApplied(story, iid);
    expect(await countEntries(story, iid, 'plan-run-ended')).toBe(0);
    await retitle(iid, 'Now it is ready');
    await story.ticketIs(iid, 'In review');
  });

  test('as a draft is not applied either, approved as it is', async () => {
    const { iid } = await story.propose('back-to-draft', oneSubnet(story, onCommand('back-to-draft')));
    await approved(iid);
    await retitle(iid, 'Draft: on second thoughts');
    await logTells(story, iid, 'merge-request-read', /"code":"draft"/);
    expect(await refusedReply(story, story.olga, iid)).toContain('is a draft');
    await nothingApplied(story, iid);
    await retitle(iid, 'Third thoughts');
    await approved(iid);
  });

  test('from a fork is not planned, whoever asks', async () => {
    const fay = await newcomer('fay', 20);
    const { project } = story.scene;
    const fork = await post<{ id: number; http_url_to_repo: string }>(
      `${story.gitlabUrl}/sandbox/projects/${project.id}/forks`,
      { user: 'fay' },
    );
    const scene: Scene = { ...story.scene, project: { ...project, id: fork.id, url: fork.http_url_to_repo } };
    const there = gitlabAs({ ...story, scene }, fay);
    await there.push('forked', oneSubnet(story, onCommand('forked')));
    const { iid } = await there.asked<{ iid: number }>('/merge_requests', 'POST', {
      source_branch: 'forked',
      target_branch: 'main',
      target_project_id: project.id,
      title: 'From my fork',
    });
    const { body } = await story.noteSays(iid, /No plan is made/);
    expect(body).toContain(
      'It comes from a fork, whose code is not run here: push the branch to this project',
    );
    for (const actor of [gitlabAs(story, fay), story.olga])
      expect(await refusedReply(story, actor, iid, 'countersign plan')).toContain('comes from a fork');
    expect(await refusedReply(story, story.olga, iid)).toContain('comes from a fork');
    await logTells(story, iid, 'merge-request-read', /"code":"fork"/);
    await nothingApplied(story, iid);
    expect(await countEntries(story, iid, 'plan-run-ended')).toBe(0);
  });

  test('of an author below the role is not planned, even when an operator asks', async () => {
    const rita = await newcomer('rita', 30);
    await gitlabAs(story, rita).push('low-role', oneSubnet(story, onCommand('low-role')));
    await fault(story.gitlabUrl, { kind: 'hook-lose', event: 'Merge Request', count: 1 });
    const { iid } = await gitlabAs(story, rita).open('low-role', 'By somebody who left the team');
    await member('rita', 20);
    await story.olga.comment(iid, 'countersign plan');
    const { body } = await story.noteSays(iid, /No plan is made/);
    expect(body).toMatch(/Its author @\u200b?rita is a Reporter of this project/);
    expect(body).toContain('only what a Developer asks for is planned');
    const reply = await refusedReply(story, gitlabAs(story, rita), iid, 'countersign plan');
    expect(reply).toContain('is a Reporter of this project');
    await logTells(story, iid, 'merge-request-read', /"code":"author-role"/);
    await nothingApplied(story, iid);
    expect(await countEntries(story, iid, 'plan-run-ended')).toBe(0);
  });
});

test('the log of all these heads proves itself', async () => {
  expect(await story.cli('audit', 'verify')).toMatchObject({ code: 0 });
});

/** Waits for the plan, lets Adam approve it, and returns the head it was made of. */
async function approved(iid: number): Promise<string> {
  const key = await story.ticketIs(iid, 'In review');
  await story.adamInJira.move(key, 'Approved');
  const { state } = await story.changeIs(iid, 'ready');
  await quiet(story);
  return state.revision?.headSha ?? '';
}

const retitle = (iid: number, title: string) => story.erin.asked(`/merge_requests/${iid}`, 'PUT', { title });

const member = (user: string, accessLevel: number) =>
  post(`${story.gitlabUrl}/sandbox/members`, {
    user,
    project: story.scene.project.id,
    access_level: accessLevel,
  });

/** Somebody new in GitLab, with this access level in the project. */
async function newcomer(name: string, accessLevel: number): Promise<Player> {
  const email = `${name}@example.com`;
  const user = await post<{ id: number }>(`${story.gitlabUrl}/sandbox/users`, {
    username: name,
    name,
    email,
  });
  await member(name, accessLevel);
  const { token } = await ask<{ token: string }>(`${story.gitlabUrl}/sandbox/tokens`, {
    method: 'POST',
    body: { user: name, scopes: ['api', 'write_repository'] },
  });
  const gitlab = { id: user.id, username: name, token };
  return { ...story.scene.players.erin, id: name, name, email, gitlab };
}
