import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '#test/sandbox/house/http.ts';
import {
  fault,
  logTells,
  nothingApplied,
  onApproval,
  onCommand,
  oneSubnet,
  refusedReply,
  replyTo,
} from '#test/support/refusals.ts';
import { openStory, type Story, subnet } from '#test/support/story.ts';

let story: Story;
beforeAll(async () => {
  story = await openStory({
    sweepSeconds: 1,
    rules: [
      {
        id: 'no-open-network',
        when: 'resource.after.input.cidr == "0.0.0.0/0"',
        message: 'it is open to everyone',
        appliesTo: { projects: ['**/open-network'] },
      },
      {
        id: 'has-owner',
        when: '"owner" in resource.after.input && resource.after.input.owner == ""',
        message: 'it has no owner',
        appliesTo: { projects: ['**/unknown-owner'] },
      },
    ],
  });
}, 60_000);
afterAll(() => story?.close());

describe('a check', () => {
  test('that fails blocks the change, approved as it is, and says where', async () => {
    const folder = onApproval('open-network');
    const { iid } = await story.propose(
      'open-network',
      oneSubnet(story, folder, subnet('wide', '0.0.0.0/0')),
    );
    await approve(iid);
    const { body } = await story.noteSays(iid, /is blocked/);
    expect(body).toContain('`checks-passed` no: failed: no-open-network.');
    expect(body).toContain('The author changes the code and pushes.');
    expect(body).toContain('`no-open-network` failed on `terraform_data.wide`: it is open to everyone.');
    await logTells(story, iid, 'gates-evaluated', /checks-passed.*no-open-network/);
    await nothingApplied(story, iid);
  });

  test('that cannot be decided from the plan blocks it as well', async () => {
    const owner = 'resource "terraform_data" "second" {\n  input = { owner = terraform_data.first.id }\n}\n';
    const { iid } = await story.propose(
      'unknown-owner',
      oneSubnet(story, onApproval('unknown-owner'), owner),
    );
    await approve(iid);
    const { body } = await story.noteSays(iid, /is blocked/);
    expect(body).toContain(
      '`checks-passed` unknown, which counts as no: could not be decided from the plan: has-owner',
    );
    expect(body).toContain('The author makes the values known at plan time, or the rule is changed.');
    await logTells(story, iid, 'gates-evaluated', /checks-passed.*has-owner/);
    await nothingApplied(story, iid);
  });
});

describe('the release tag', () => {
  test('whose name somebody took blocks the apply', async () => {
    const { iid } = await story.propose('taken', oneSubnet(story, onApproval('taken')));
    const key = await story.ticketIs(iid, 'In review');
    await story.olga.asked('/repository/tags', 'POST', { tag_name: `release/${key}`, ref: 'main' });
    await story.adamInJira.move(key, 'Approved');
    const { body } = await story.noteSays(iid, /is blocked/);
    expect(body).toMatch(/`release-tag-free` no: release\/CHG-\d+ exists already, on [0-9a-f]{12}\./);
    expect(body).toContain('A maintainer finds out who made it and why, and removes it.');
    await logTells(story, iid, 'gates-evaluated', /release-tag-free.*exists already/);
    await nothingApplied(story, iid);
  });

  test('that anybody could make blocks the apply until such tags are protected again', async () => {
    const { iid } = await story.propose('unprotected', oneSubnet(story, onCommand('unprotected')));
    await approve(iid);
    await story.changeIs(iid, 'ready');
    await story.olga.asked('/protected_tags/release%2F*', 'DELETE');
    const reply = await refusedReply(story, story.olga, iid);
    expect(reply).toContain('`release-tag-free`: release tags are not protected');
    expect(reply).toContain('A maintainer protects');
    await logTells(story, iid, 'gates-evaluated', /release-tag-free.*not protected/);
    await nothingApplied(story, iid);
    await story.olga.asked('/protected_tags', 'POST', { name: 'release/*', create_access_level: 40 });
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
  });
});

describe('GitLab’s own conditions', () => {
  test('a job elsewhere that is still at work, or failed, keeps the apply back', async () => {
    const head = await story.erin.push('pipeline', oneSubnet(story, onApproval('pipeline')));
    await report(head, 'pipeline', 'running');
    const { iid } = await story.erin.open('pipeline', 'With a build elsewhere');
    await approve(iid);
    const { body } = await story.noteSays(iid, /is blocked/);
    expect(body).toContain(
      '`pipeline-passed` unknown, which counts as no: still at work: unit-tests. *It is asked again by itself.*',
    );
    await report(head, 'pipeline', 'failed');
    const reply = await refusedReply(story, story.olga, iid);
    expect(reply).toContain('`pipeline-passed`: did not succeed: unit-tests.');
    expect(reply).toContain('The author fixes or retries the job in GitLab.');
    await logTells(story, iid, 'gates-evaluated', /pipeline-passed.*did not succeed/);
    await nothingApplied(story, iid);
    await report(head, 'pipeline', 'success');
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
  });

  test('a conflict with the target branch blocks the apply', async () => {
    const folder = onApproval('conflict');
    await story.erin.push('conflict', { ...oneSubnet(story, folder), 'README.md': 'As Erin sees it.\n' });
    await story.olga.push('main', { 'README.md': 'As Olga sees it.\n' });
    const { iid } = await story.erin.open('conflict', 'In conflict');
    await approve(iid);
    // GitLab may first have to find out.
    const { body } = await story.noteSays(iid, /`mergeable` no:/);
    expect(body).toContain('`mergeable` no: GitLab would not merge it: it conflicts with the target branch.');
    await logTells(story, iid, 'gates-evaluated', /mergeable.*conflicts/);
    await nothingApplied(story, iid);
  });

  test('a mergeability that GitLab has not made up its mind about blocks the apply until it has', async () => {
    const { iid } = await story.propose('unsettled', oneSubnet(story, onApproval('unsettled')));
    const key = await story.ticketIs(iid, 'In review');
    await fault(story.gitlabUrl, { kind: 'stale-mergeability', count: 100_000 });
    await story.adamInJira.move(key, 'Approved');
    const { body } = await story.noteSays(iid, /is blocked/);
    expect(body).toContain(
      '`mergeable` unknown, which counts as no: GitLab has not said yet whether it would merge it',
    );
    await logTells(story, iid, 'gates-evaluated', /mergeable.*has not said yet/);
    expect(await story.attempts(iid)).toEqual([]);
    await ask(`${story.gitlabUrl}/sandbox/faults`, { method: 'DELETE' });
    await story.changeIs(iid, 'merged');
  });
});

describe('a project that another change holds', () => {
  test('waits until that one is merged, then for a rebase, and is applied on a fresh approval', async () => {
    const { first, second } = await contend('held');
    await story.olga.comment(first, 'countersign apply');
    await story.changeIs(first, 'merged');
    const { body } = await story.noteSays(second, /rebase needed/);
    expect(body).toContain('the target branch changed biz/dev/held/main.tf since the merge base');
    expect(body).toContain('The author rebases onto the target branch and pushes.');
    await nothingApplied(story, second);
    await story.erin.push('held-second', more('held'), { force: true });
    await logTells(story, second, 'revision-opened', /"revision":2/);
    await approve(second);
    await story.changeIs(second, 'merged');
  });

  test('goes on by itself once an operator gives the hold back', async () => {
    const { first, second } = await contend('kept');
    const note = await story.olga.comment(
      first,
      `countersign unlock ${onApproval('kept')} prod waits for a window`,
    );
    await replyTo(story, first, note, /\*\*Accepted\*\*/);
    await logTells(story, first, 'command-received', /prod waits for a window/);
    await story.changeIs(second, 'merged');
    expect((await story.attempts(second)).map(({ outcome }) => outcome)).toEqual(['succeeded']);
  });
});

test('the log of all these gates proves itself', async () => {
  expect(await story.cli('audit', 'verify')).toMatchObject({ code: 0 });
});

const more = (name: string) => ({
  [`${onApproval(name)}/outputs.tf`]: 'output "more" {\n  value = "said"\n}\n',
});

/** Two changes of one project: the first has applied it and waits with another project, the second is refused. */
async function contend(name: string): Promise<{ first: number; second: number }> {
  const files = oneSubnet(story, onApproval(name));
  const { iid: first } = await story.propose(`${name}-first`, {
    ...files,
    ...oneSubnet(story, onCommand(name)),
  });
  await approve(first);
  await story.changeIs(first, 'ready');
  await story.noteSays(first, new RegExp(`\`${onApproval(name)}\`[^|]*\\| applied`));
  const { iid: second } = await story.propose(`${name}-second`, { ...files, ...more(name) });
  await approve(second);
  const { body } = await story.noteSays(second, /is blocked/);
  expect(body).toMatch(
    new RegExp(`\`project-free\` no: ${onApproval(name)} is held by merge request !\u200b?${first}\\.`),
  );
  expect(body).toContain('It is free once that merge request is merged or closed');
  await logTells(story, second, 'gates-evaluated', /project-free.*is held by merge request/);
  await nothingApplied(story, second);
  return { first, second };
}

async function approve(iid: number): Promise<void> {
  await story.adamInJira.move(await story.ticketIs(iid, 'In review'), 'Approved');
}

/** What a build elsewhere reports about the commit. */
const report = (sha: string, ref: string, state: 'running' | 'failed' | 'success') =>
  story.erin.asked(`/statuses/${sha}`, 'POST', { state, ref, name: 'unit-tests' });
