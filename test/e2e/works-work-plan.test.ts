import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '#test/sandbox/house/http.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

let story: Story;
beforeAll(async () => {
  story = await openStory({
    server: {
      tiers: [{ name: 'normal' }, { name: 'grave', workPlan: ['reason', 'impact', 'fall-back'] }],
    },
    projects: [
      { match: 'fin/prod/**', applyOn: 'command', tier: 'grave', labels: { network: 'fin' } },
      { match: 'biz/**', applyOn: 'approval' },
    ],
  });
});
afterAll(() => story?.close());

const WHOLE = [
  '## Reason',
  'More room for payments.',
  '## Impact',
  '- nobody notices',
  '## Fall-back',
  'Revert it.',
].join('\n');

describe('a work plan', () => {
  let iid: number;
  let key: string;

  test('that is not complete is told to both sides at once, and keeps an approved change from being applied', async () => {
    ({ iid } = await story.propose('plan', {
      'fin/prod/plan/main.tf': story.module('plan', APPROVAL_VARIABLE + subnet('first', '10.2.0.0/24')),
    }));
    const note = await story.noteSays(iid, /\*\*The work plan lacks Reason, Impact and Fall-back\.\*\*/);
    expect(note.body).toContain(`/-/merge_requests/${iid}/edit)`);
    expect(note.body).toContain(`${story.serverUrl}/help/work-plan`);
    key = await story.ticketIs(iid, 'In review');
    expect(await ticketText(key)).toContain('The work plan lacks Reason, Impact and Fall-back.');

    await story.adamInJira.move(key, 'Approved');
    await story.blockedBy(iid, 'work-plan-complete');
    await story.olga.comment(iid, 'countersign apply');
    await story.noteSays(iid, /\*\*Refused\*\* `countersign apply`.*work-plan-complete/s);
    expect(await story.attempts(iid)).toEqual([]);
  });

  test('that is written after the approval is put in front of the approver, with what was approved before it', async () => {
    await story.erin.describe(iid, WHOLE);
    await presentedAgain(iid, 2);
    await story.ticketIs(iid, 'In review');
    const text = await ticketText(key);
    expect(text).not.toContain('lacks');
    expect(text).toContain('The work plan was edited: Reason, Impact and Fall-back.');
    expect(text).toContain('nobody notices');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
  });

  test('that is edited after the approval takes it back; what stands elsewhere in the description may change', async () => {
    await story.erin.describe(iid, `See the other ticket.\n\n${WHOLE}\n\n## Checklist\n- [x] tested`);
    await until('the edit to be read', async () => {
      const [row] = await story.query<{ description: string }>(
        `select state ->> 'description' as description from changes where iid = $1`,
        [iid],
      );
      return row?.description.includes('Checklist') === true ? true : undefined;
    });
    expect((await story.changeOf(iid)).state.ticket.review?.status).toBe('approved');

    await story.erin.describe(iid, WHOLE.replace('Revert it.', 'Nothing can be done.'));
    await presentedAgain(iid, 3);
    await story.ticketIs(iid, 'In review');
    expect(await story.entries(iid)).toContain('approval-voided');
    expect(await ticketText(key)).toContain('- Revert it.\n+ Nothing can be done.');
    const comments = JSON.stringify(await story.adamInJira.comments(key));
    expect(comments).toContain('This approval does not count.');
    expect(comments).toContain('description was edited');
    expect(await story.attempts(iid)).toEqual([]);
  });

  test('is attached with the plans as text and JSON, each by the hash of its bytes, and is applied once it is approved', async () => {
    const text = await ticketText(key);
    const { attachment } = (await story.issue(key)).fields;
    const listed = [...text.matchAll(/^(\S+\.(?:txt|json|md))\n(.+)\n([0-9a-f]{64})$/gm)];
    expect(listed.map(([, , holds]) => holds)).toEqual([
      'the plan of fin/prod/plan as text',
      'the plan of fin/prod/plan as JSON',
      'the work plan',
    ]);
    const contents = await Promise.all(
      listed.map(([, name]) => download(attachment.find(({ filename }) => filename === name)?.id ?? '')),
    );
    const hashes = contents.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
    expect(hashes).toEqual(listed.map(([, , , sha256]) => sha256));
    const [plan, json, workPlan] = contents.map(String);
    expect(plan).toContain('will be created');
    expect(JSON.parse(json ?? '')).toHaveProperty('resources');
    expect(workPlan).toContain('Nothing can be done.');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
  });
});

describe('the doctor', () => {
  test('finds nothing wrong with a house that is in order', async () => {
    const { code, output } = await story.cli('doctor');
    expect(output).not.toContain('PROBLEM');
    expect(code).toBe(0);
    for (const about of ['database', 'queue', 'workers', 'jira account', 'directory', 'terraform', 'clocks'])
      expect(output).toMatch(new RegExp(`^(ok|warning) +${about}:`, 'm'));
    expect(output).toMatch(/^ok .*release tags are protected, and we may make them/m);
    expect(output).toMatch(/^ok .*webhook \d+ works/m);
  });

  test('names each thing that is wrong, and what to do about it', async () => {
    const { gitlabUrl, scene } = story;
    const api = `${gitlabUrl}/api/v4/projects/${scene.project.id}`;
    const headers = { 'private-token': scene.players.olga.gitlab.token };
    await ask(`${api}/protected_tags/release%2F*`, { method: 'DELETE', headers });
    await ask(`${api}/hooks/${story.hooks.gitlabHookId}`, {
      method: 'PUT',
      headers,
      body: { url: `${story.serverUrl}/hooks/gitlab/x`, note_events: false },
    });

    const { code, output } = await story.cli('doctor', '--json');
    expect(code).toBe(1);
    const found = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { result: string; what: string; remedy?: string });
    const problems = found.filter(({ result }) => result === 'problem').map(({ what }) => what);
    expect(problems.join('\n')).toMatch(/release tags: no protected-tag rule covers release\//);
    expect(found.find(({ what }) => /says nothing of comments/.test(what))?.result).toBe('warning');
    expect(found.filter(({ remedy, result }) => result !== 'ok' && remedy === undefined)).toEqual([]);
  });
});

/** Waits until the ticket is in review in this round. */
async function presentedAgain(iid: number, round: number): Promise<void> {
  await until(`round ${round} of the review`, async () => {
    const { review } = (await story.changeOf(iid)).state.ticket;
    return review?.status === 'in-review' && review.round === round ? true : undefined;
  });
}

/** The ticket's description as lines of text. */
async function ticketText(key: string): Promise<string> {
  const { fields } = await story.adamInJira.asked<{ fields: { description: unknown } }>(
    `/issue/${key}?fields=description`,
  );
  return linesOf(fields.description).join('\n');
}

function linesOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { content, text, type } = node as { content?: unknown[]; text?: string; type?: string };
  if (type === 'paragraph' || type === 'heading' || type === 'codeBlock')
    return [(content ?? []).flatMap(linesOf).join('')];
  return text === undefined ? (content ?? []).flatMap(linesOf) : [text];
}

async function download(id: string): Promise<Buffer> {
  const { email, jira } = story.scene.players.adam;
  const authorization = `Basic ${Buffer.from(`${email}:${jira.token}`).toString('base64')}`;
  const answer = await fetch(`${story.jiraUrl}/rest/api/3/attachment/content/${id}`, {
    headers: { authorization },
  });
  return Buffer.from(await answer.arrayBuffer());
}
