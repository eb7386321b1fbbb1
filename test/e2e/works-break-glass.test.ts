import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { gitlabAs, jiraAs, reader } from '#test/sandbox/house/actors.ts';
import { ask, post } from '#test/sandbox/house/http.ts';
import { evidenceRecord } from '#test/support/evidence-record.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

/** It burns while nothing may be applied and the approver sleeps. */
describe('an emergency', () => {
  let story: Story;
  beforeAll(async () => {
    const freezes = [
      { name: 'Year end', from: '2020-01-01', until: '2999-12-31', reason: 'the books are closed' },
    ];
    story = await openStory({
      server: { breakGlass: { blockWhileUnpaid: 'project', payWithinDays: 2 }, calendar: { freezes } },
    });
  });
  afterAll(() => story?.close());

  const file = 'fin/prod/burning/main.tf';
  const burning = (cidr: string) => ({
    [file]: story.module('burning', APPROVAL_VARIABLE + subnet('only', cidr)),
  });

  test('is applied by two people before it is approved, and owed until somebody else approves it afterwards', async () => {
    const second = await secondAccountOfOlga();
    const { iid } = await story.propose('burning', burning('10.2.0.0/24'));
    const key = await story.ticketIs(iid, 'In review');

    await story.olga.comment(iid, 'countersign apply');
    await story.noteSays(iid, /\*\*Refused\*\* `countersign apply`.*not-frozen.*Year end/s);
    await story.erin.comment(iid, 'countersign apply --break-glass let me in');
    await story.noteSays(iid, /\*\*Refused\*\* `countersign apply --break-glass let me in`.*operator role/s);

    await story.olga.comment(iid, 'countersign apply --break-glass customers are cut off');
    await story.noteSays(iid, /\*\*Accepted\*\* `countersign apply --break-glass customers.*second person/s);
    await story.noteSays(iid, /EMERGENCY: an operator wants this applied.*customers are cut off/s);

    // What is confirmed is what was read, by its number; and one person is one person, under whatever account.
    await story.mia.comment(iid, 'countersign confirm');
    const told = await story.noteSays(iid, /\*\*Refused\*\* `countersign confirm`.*It does not say what/s);
    const confirm = /comment `(countersign confirm \d+)`/.exec(told.body)?.[1] ?? '';
    await story.olga.comment(iid, confirm);
    await story.noteSays(
      iid,
      /\*\*Refused\*\* `countersign confirm \d+`.*a second person has to confirm it/s,
    );
    await second.comment(iid, confirm);
    await story.noteSays(iid, /\*\*Refused\*\* `countersign confirm \d+`.*olga-private asked for it/s);
    expect(await story.attempts(iid)).toEqual([]);

    await story.mia.comment(iid, confirm);
    const merged = await story.changeIs(iid, 'merged', 60_000);
    expect(merged.state.release.tag).toBe(`release/${key}`);
    expect(await story.attempts(iid)).toMatchObject([{ outcome: 'succeeded' }]);
    await story.noteSays(iid, /\*\*Applied\*\* `countersign confirm \d+`/);

    // The gates waived aloud what they would have refused.
    const [evaluation] = await story.query<{ results: { gate: string; reason: string; answer: string }[] }>(
      `select results from gate_evaluations where change_id = $1 and go order by at desc`,
      [merged.id],
    );
    const said = new Map(evaluation?.results.map(({ gate, reason }) => [gate, reason]));
    expect(said.get('ticket-approved')).toMatch(
      /^waived by broken glass: customers are cut off \(asked by olga, confirmed by mia\)/,
    );
    expect(said.get('not-frozen')).toMatch(/waived by broken glass.*Year end/);
    expect(said.get('break-glass-allowed')).toMatch(
      /Olga Operator asked for it and Mia Maintainer confirmed it/,
    );

    // It is merged and tagged, and its ticket asks all the same.
    await until('the ticket to ask for the approval afterwards', async () =>
      (await story.issue(key)).fields.status.name === 'In review' ? true : undefined,
    );
    const comments = JSON.stringify(await story.adamInJira.comments(key));
    expect(comments).toMatch(/EMERGENCY: the glass is broken/);
    expect(comments).toMatch(/Approve afterwards until/);
    expect(await debts()).toMatchObject([{ ticketKey: key, askedBy: 'Olga Operator', isOverdue: false }]);
    expect(await metric('break_glass_debts{state="unpaid"}')).toBe(1);
    expect(await metric('break_glass_used_total')).toBe(1);
    expect(await evidenceRecord(story, key)).toMatchObject({
      identity: { type: 'emergency', approvalId: key },
      decision: {
        kind: 'break-glass',
        breakGlass: {
          reason: 'customers are cut off',
          by: { person: 'olga' },
          confirmedBy: { person: 'mia' },
        },
        decisions: [],
      },
      execution: { attempts: [{ outcome: 'succeeded' }] },
    });
    const entries = await story.entries(iid);
    for (const type of ['break-glass-asked', 'break-glass-confirmed', 'break-glass-used'])
      expect(entries).toContain(type);
  });

  test('does not follow on an unpaid one in the same project', async () => {
    const { iid } = await story.propose('burning-again', burning('10.3.0.0/24'));
    await story.ticketIs(iid, 'In review');
    await story.olga.comment(iid, 'countersign apply --break-glass it burns again');
    const [debt] = await debts();
    await story.noteSays(iid, new RegExp(`Refused.*under ${debt?.ticketKey} is not approved yet`, 's'));
    expect(await story.attempts(iid)).toEqual([]);
  });

  test('is paid by an approval of somebody who did not break the glass; a rejection leaves it owed', async () => {
    const [debt] = await debts();
    const { iid, ticketKey: key } = debt ?? { iid: 0, ticketKey: '' };

    await jiraAs(story, story.scene.players.mia).move(key, 'Approved');
    await commentOn(key, /broke the glass, and what was applied is approved by somebody else/);
    await story.adamInJira.move(await inReview(key), 'Rejected');
    await commentOn(key, /rejected afterwards: roll it back or mend it/);
    expect(await debts()).toMatchObject([{ ticketKey: key, rejections: 1 }]);

    await story.adamInJira.move(await inReview(key), 'Approved');
    await until('the ticket to be done', async () =>
      (await story.issue(key)).fields.status.name === 'Done' ? true : undefined,
    );
    await commentOn(key, /Approved afterwards.*Adam Approver/);
    expect(await debts()).toEqual([]);
    expect(await metric('break_glass_debts{state="unpaid"}')).toBe(0);
    expect(await metric('break_glass_used_total')).toBe(1);
    expect(await story.entries(iid)).toEqual(expect.arrayContaining(['debt-rejected', 'debt-paid']));
  });

  async function inReview(key: string): Promise<string> {
    await until(`${key} to be in review again`, async () => {
      const rows = await story.query<{ status: string }>(
        `select d ->> 'status' as status from changes, jsonb_array_elements(state -> 'debts') each, jsonb_extract_path(each, 'review') d
          where each #>> '{ticket,key}' = $1`,
        [key],
      );
      const { name } = (await story.issue(key)).fields.status;
      return rows[0]?.status === 'in-review' && name === 'In review' ? true : undefined;
    });
    return key;
  }

  async function commentOn(key: string, pattern: RegExp): Promise<void> {
    await until(
      `a comment on ${key} that says ${pattern}`,
      async () => (pattern.test(JSON.stringify(await story.adamInJira.comments(key))) ? true : undefined),
      { show: async () => JSON.stringify(await story.adamInJira.comments(key)) },
    );
  }

  async function debts(): Promise<{ ticketKey: string; iid: number; rejections: number }[]> {
    const { get } = await reader(story);
    return (await get<{ debts: { ticketKey: string; iid: number; rejections: number }[] }>('/changes')).debts;
  }

  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`${story.serverUrl}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`countersign_${name} `));
    if (line === undefined) throw new Error(`no metric ${name}`);
    return Number(line.split(' ').at(-1));
  }

  /** Another account of hers on GitLab, which the directory knows for one. */
  async function secondAccountOfOlga() {
    const name = 'olga-private';
    const user = await post<{ id: number }>(`${story.gitlabUrl}/sandbox/users`, {
      username: name,
      name,
      email: `${name}@example.com`,
    });
    await post(`${story.gitlabUrl}/sandbox/members`, {
      user: name,
      project: story.scene.project.id,
      access_level: 40,
    });
    const { token } = await ask<{ token: string }>(`${story.gitlabUrl}/sandbox/tokens`, {
      method: 'POST',
      body: { user: name, scopes: ['api'] },
    });
    const path = join(story.dir, 'people.yaml');
    const { people } = parse(await readFile(path, 'utf8')) as { people: Record<string, unknown>[] };
    const known = people.map((person) =>
      person['id'] === 'olga' ? { ...person, gitlabId: [person['gitlabId'], user.id] } : person,
    );
    await writeFile(path, stringify({ people: known }));
    return gitlabAs(story, { ...story.scene.players.olga, gitlab: { id: user.id, username: name, token } });
  }
});
