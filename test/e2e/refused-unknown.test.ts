import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { gitlabAs } from '#test/sandbox/house/actors.ts';
import { post } from '#test/sandbox/house/http.ts';
import {
  logTells,
  nothingApplied,
  onApproval,
  onCommand,
  oneSubnet,
  refusedReply,
} from '#test/support/refusals.ts';
import { openStory, type Story } from '#test/support/story.ts';

let story: Story;
beforeAll(async () => {
  story = await openStory({ sweepSeconds: 1, unmapped: ['mia'] });
}, 60_000);
afterAll(() => story?.close());

describe('somebody whom the people file does not know', () => {
  test('as the author blocks the apply, and what is missing is named', async () => {
    const { mia } = story.scene.players;
    await story.mia.push('by-mia', oneSubnet(story, onApproval('by-mia')));
    const { iid } = await story.mia.open('by-mia', 'By Mia, whom nobody entered');
    await approve(iid);
    const { body } = await story.noteSays(iid, /is blocked/);
    expect(body).toContain(
      `\`four-eyes\` unknown, which counts as no: no entry in the people file has gitlabId ${mia.gitlab.id}; or e-mail ${mia.email}.`,
    );
    expect(body).toContain('An administrator adds it to the people file');
    await logTells(story, iid, 'gates-evaluated', new RegExp(`four-eyes.*gitlabId ${mia.gitlab.id}`));
    await nothingApplied(story, iid);
  });

  test('as the operator does not command', async () => {
    const { iid } = await story.propose('for-mia', oneSubnet(story, onCommand('for-mia')));
    await approve(iid);
    await story.changeIs(iid, 'ready');
    const reply = await refusedReply(story, story.mia, iid);
    expect(reply).toContain('does not have the operator role');
    await logTells(story, iid, 'command-received', /not-an-operator/);
    await nothingApplied(story, iid);
  });

  test('as a committer blocks the apply until an administrator enters the address', async () => {
    const { erin } = story.scene.players;
    const elsewhere = { ...erin, email: 'erin@home.example' };
    await gitlabAs(story, elsewhere).push('from-home', oneSubnet(story, onApproval('from-home')));
    const { iid } = await story.erin.open('from-home', 'Committed at home');
    await approve(iid);
    const { body } = await story.noteSays(iid, /is blocked/);
    expect(body).toContain('no entry in the people file has e-mail erin@home.example.');
    await logTells(story, iid, 'gates-evaluated', /four-eyes.*e-mail erin@home.example/);
    await nothingApplied(story, iid);
    await enterAddress('erin', 'erin@home.example');
    await story.changeIs(iid, 'merged');
    expect((await story.attempts(iid)).map(({ outcome }) => outcome)).toEqual(['succeeded']);
  });
});

describe('a JIRA that cannot be asked at the gates', () => {
  test('refuses the operator, says so, and is ready again by itself once JIRA is back', async () => {
    const { iid } = await story.propose('jira-away', oneSubnet(story, onCommand('jira-away')));
    await approve(iid);
    await story.changeIs(iid, 'ready');
    const words = { unavailable: 'JIRA answered 503', dropped: 'JIRA could not be reached' };
    for (const mode of ['unavailable', 'dropped'] as const) {
      await jira('stop', { mode });
      const reply = await refusedReply(story, story.olga, iid);
      expect(reply).toContain('`ticket-approved` (unknown counts as no): the ticket could not be read: ');
      expect(reply).toContain(words[mode]);
      expect(reply).toContain('It is asked again by itself.');
      await logTells(story, iid, 'gates-evaluated', new RegExp(`ticket-approved.*${words[mode]}`));
      expect(await story.attempts(iid)).toEqual([]);
      await jira('heal');
      await story.changeIs(iid, 'ready');
    }
    await nothingApplied(story, iid);
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
  });

  test('holds back what is applied on approval, and lets it go by itself once JIRA is back', async () => {
    const head = await story.erin.push('jira-gone', oneSubnet(story, onApproval('jira-gone')));
    await build(head, 'running');
    const { iid } = await story.erin.open('jira-gone', 'While JIRA is away');
    await approve(iid);
    await story.noteSays(iid, /is blocked/);
    await jira('stop', { mode: 'unavailable' });
    await build(head, 'success');
    const { body } = await story.noteSays(iid, /the ticket could not be read/);
    expect(body).toContain('JIRA answered 503');
    await story.changeIs(iid, /blocked|gating/);
    expect(await story.attempts(iid)).toEqual([]);
    await jira('heal');
    await story.changeIs(iid, 'merged');
    expect((await story.attempts(iid)).map(({ outcome }) => outcome)).toEqual(['succeeded']);
  });
});

test('the log of all that nobody could tell proves itself', async () => {
  expect(await story.cli('audit', 'verify')).toMatchObject({ code: 0 });
});

async function approve(iid: number): Promise<void> {
  await story.adamInJira.move(await story.ticketIs(iid, 'In review'), 'Approved');
}

const jira = (wish: 'stop' | 'heal', body: object = {}) => post(`${story.jiraUrl}/sandbox/${wish}`, body);

/** What a build elsewhere reports about the commit. */
const build = (sha: string, state: 'running' | 'success') =>
  story.erin.asked(`/statuses/${sha}`, 'POST', { state, ref: 'jira-gone', name: 'unit-tests' });

/** What an administrator does: a line more in the people file, and the workers started anew. */
async function enterAddress(person: string, email: string): Promise<void> {
  const file = join(story.dir, 'people.yaml');
  const { people } = parse(await readFile(file, 'utf8')) as { people: { id: string; emails: string[] }[] };
  people.find(({ id }) => id === person)?.emails.push(email);
  await writeFile(file, stringify({ people }));
  await Promise.all(story.workers.map((worker) => worker.stop()));
  await story.startWorker();
}
