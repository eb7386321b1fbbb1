import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jiraAs } from '#test/sandbox/house/actors.ts';
import { ask, post } from '#test/sandbox/house/http.ts';
import { jiraApi, jiraCredentials } from '#test/sandbox/house/jira-flavour.ts';
import {
  countEntries,
  logTells,
  nothingApplied,
  onApproval,
  onCommand,
  oneSubnet,
  quiet,
  refusedReply,
  ticketSays,
} from '#test/support/refusals.ts';
import { openStory, type Story } from '#test/support/story.ts';

let story: Story;
beforeAll(async () => {
  story = await openStory({
    sweepSeconds: 1,
    projects: [
      { match: 'fin/prod/**', applyOn: 'command', allow: { settings: ['applyOn'] } },
      { match: 'biz/dev/**', applyOn: 'approval' },
    ],
  });
}, 60_000);
afterAll(() => story?.close());

describe('an approval by our own account', () => {
  test('does not count, though somebody made it an approver in JIRA: it is refused, recorded and told', async () => {
    const { bot } = story.scene.jira;
    await post(`${story.jiraUrl}/sandbox/groups`, { name: 'change-approvers', members: [bot.accountId] });
    const { iid } = await story.propose('by-bot', oneSubnet(story, onApproval('by-bot')));
    const key = await story.ticketIs(iid, 'In review');
    const { email, accountId, token } = bot;
    await jiraAs(story, { email, jira: { accountId, token } }).move(key, 'Approved');
    expect(await ticketSays(story, key, /does not count/)).toContain(
      'ur own account moved the ticket to approved',
    );
    await logTells(story, iid, 'verdict-refused', /our own account moved the ticket to approved/);
    await story.ticketIs(iid, 'In review');
    await nothingApplied(story, iid);
  });
});

describe('what was approved, edited in JIRA afterwards', () => {
  test('does not count any more when the ticket is bound to something else', async () => {
    const { iid, key } = await approved('rebound');
    const bound = await asAdmin<{ value: object }>('GET', `/issue/${key}/properties/countersign.binding`);
    await asAdmin('PUT', `/issue/${key}/properties/countersign.binding`, {
      ...bound.value,
      tupleHash: 'f'.repeat(64),
    });
    expect(await ticketSays(story, key, /does not count/)).toContain(
      'he ticket is not bound to the present plan any more',
    );
    await logTells(story, iid, 'verdict-refused', /not bound to the present plan/);
    await story.ticketIs(iid, 'In review');
    expect(await refusedReply(story, story.olga, iid)).toContain(`${key} is in review and not approved yet`);
    await nothingApplied(story, iid);
  });

  test('does not count when somebody else changed the text that was approved, and the text is ours again', async () => {
    const { iid, key } = await approved('reworded');
    const text = 'Nothing much.';
    const document = {
      type: 'doc',
      version: 1,
      content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
    };
    const description = story.jira === 'cloud' ? document : text;
    await asAdmin('PUT', `/issue/${key}`, { fields: { description } });
    expect(await ticketSays(story, key, /does not count/)).toContain(
      "changed the ticket's description after it came to review",
    );
    await logTells(story, iid, 'verdict-refused', /description after it came to review/);
    await story.ticketIs(iid, 'In review');
    expect(JSON.stringify((await story.issue(key)).fields.description)).not.toContain('Nothing much.');
    await nothingApplied(story, iid);
  });

  test('does not count when an administrator wrote somebody else into the history', async () => {
    const { iid, key, history } = await approved('rewritten');
    await ask(`${story.jiraUrl}/sandbox/issues/${key}/histories/${history}`, {
      method: 'PATCH',
      body: { authorAccountId: story.scene.players.mia.jira.accountId },
    });
    await story.olga.comment(iid, 'countersign apply');
    expect(await ticketSays(story, key, /does not count/)).toMatch(
      /history was altered: move \d+ was by .*, and now it says Mia Maintainer/,
    );
    await logTells(story, iid, 'verdict-refused', /history was altered/);
    await story.ticketIs(iid, 'In review');
    await nothingApplied(story, iid);
  });

  test('does not count while its history lacks the approval', async () => {
    const { iid, key, history } = await approved('cut-out');
    await ask(`${story.jiraUrl}/sandbox/issues/${key}/histories/${history}`, { method: 'DELETE' });
    const reply = await refusedReply(story, story.olga, iid);
    expect(reply).toContain('its status is approved, but the last move in its changelog leads to in-review');
    await logTells(story, iid, 'gates-evaluated', /ticket-approved.*last move in its changelog/);
    await nothingApplied(story, iid);
  });
});

describe('a merge request that changes what governs it', () => {
  test('is governed by what the target branch says: its own rules are told, and change nothing', async () => {
    const folder = onCommand('own-rules');
    const rules = `projects:\n  - dir: ${folder}\n    applyOn: approval\n`;
    const { iid } = await story.propose('own-rules', {
      ...oneSubnet(story, folder),
      'countersign.yaml': `version: 1\n${rules}`,
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    const { state } = await story.changeIs(iid, 'ready');
    expect(state.projects.map((project) => project.key)).toEqual([folder]);
    await quiet(story);
    await nothingApplied(story, iid);
    expect((await story.changeOf(iid)).status).toBe('ready');
  });
});

describe('a release tag that is not where it was made', () => {
  test('is seen by whoever holds the log against it', async () => {
    const { tag } = await released('tagged');
    expect(await story.cli('audit', 'verify', '--against', `tag:${tag}`)).toMatchObject({ code: 0 });
    await removeTag(tag);
    await makeTag(tag, 'main', 'as it should be');
    expect((await story.cli('audit', 'verify', '--against', `tag:${tag}`)).code).not.toBe(0);
  });

  test('is an alarm everywhere until somebody has put it back, without anybody asking', async () => {
    const { iid, key, tag } = await released('retagged');
    const made = await story.olga.tag(tag);
    // That we made it is no news, though a hook told of it.
    expect(await countEntries(story, iid, 'release-tag-seen')).toBe(0);
    await removeTag(tag);
    expect(await ticketSays(story, key, /was deleted/)).toContain(`The release tag ${tag} was deleted.`);
    await logTells(story, iid, 'release-tag-seen', /"standing":"gone"/);
    await makeTag(tag, 'main', made.message);
    await ticketSays(story, key, /was made anew/);
    await story.noteSays(iid, new RegExp(`The release tag \`${tag}\` was made anew`));
    expect(await text('/metrics')).toMatch(/^countersign_release_tags\{standing="moved"\} [12]$/m);
    expect(await text('/readyz')).toContain(`${tag} of repository`);
    const doctor = (await story.cli('doctor')).output;
    expect(doctor).toContain(`${tag} of repository ${story.scene.project.id} was made anew`);
    await removeTag(tag);
    await makeTag(tag, made.commit.id, made.message);
    await ticketSays(story, key, /is as the audit log has it again/);
    await logTells(story, iid, 'release-tag-seen', /"standing":"as-recorded"/);
    expect(await text('/readyz')).not.toContain(`${tag} of repository`);
    await quiet(story);
    expect(await countEntries(story, iid, 'release-tag-seen')).toBeLessThanOrEqual(4);
    expect(await story.cli('audit', 'verify', '--against', `tag:${tag}`)).toMatchObject({ code: 0 });
  });
});

test('the log of all this tampering proves itself', async () => {
  expect(await story.cli('audit', 'verify')).toMatchObject({ code: 0 });
});

/** A change that is applied, tagged and merged. */
async function released(name: string): Promise<{ iid: number; key: string; tag: string }> {
  const { iid } = await story.propose(name, oneSubnet(story, onApproval(name)));
  const key = await story.ticketIs(iid, 'In review');
  await story.adamInJira.move(key, 'Approved');
  await story.changeIs(iid, 'merged');
  await quiet(story);
  return { iid, key, tag: `release/${key}` };
}

const removeTag = (tag: string) => story.olga.asked(`/repository/tags/${encodeURIComponent(tag)}`, 'DELETE');

const makeTag = (tag: string, ref: string, message: string) =>
  story.olga.asked('/repository/tags', 'POST', { tag_name: tag, ref, message });

const text = async (path: string) => (await fetch(`${story.serverUrl}${path}`)).text();

/** A change that waits for an operator, with the id of the move by which Adam approved it. */
async function approved(name: string): Promise<{ iid: number; key: string; history: string }> {
  const { iid } = await story.propose(name, oneSubnet(story, onCommand(name)));
  const key = await story.ticketIs(iid, 'In review');
  await story.adamInJira.move(key, 'Approved');
  await story.changeIs(iid, 'ready');
  const moves = await story.adamInJira.histories(key);
  return { iid, key, history: moves.at(-1)?.id ?? '' };
}

function asAdmin<T>(method: string, path: string, body?: unknown): Promise<T> {
  return ask<T>(`${jiraApi(story)}${path}`, {
    method,
    headers: jiraCredentials(story.jira, story.scene.jira.admin),
    ...(body === undefined ? {} : { body }),
  });
}
