import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jiraAs } from '#test/sandbox/house/actors.ts';
import { ask, post } from '#test/sandbox/house/http.ts';
import {
  logTells,
  nothingApplied,
  onApproval,
  oneSubnet,
  quiet,
  ticketSays,
} from '#test/support/refusals.ts';
import { openStory, type Story, until } from '#test/support/story.ts';

let story: Story;
beforeAll(async () => {
  story = await openStory({
    sweepSeconds: 1,
    jiraTimeoutSeconds: 1,
    // Two people approve, so that the ticket has to be asked on after the first.
    server: { tiers: [{ name: 'normal', approvals: [{ count: 2 }] }] },
  });
}, 60_000);
afterAll(() => story?.close());

/** Everything that can go wrong with a single answer of JIRA. */
const TROUBLES = {
  down: { kind: 'unavailable' },
  broken: { kind: 'server-error' },
  'rate-limited': { kind: 'rate-limited', retryAfterSeconds: 1 },
  slow: { kind: 'slow', delayMs: 1_500 },
  unreachable: { kind: 'reset-before-write' },
  'silent after the write': { kind: 'reset-after-write' },
} as const;
type Trouble = keyof typeof TROUBLES;

const ISSUE = '/rest/api/3/issue';

/** Lets the service's own requests run into it; tells how many did. */
async function trouble(wish: Record<string, unknown>): Promise<() => Promise<number>> {
  const body = { account: story.scene.jira.bot.email, ...wish };
  const { id } = await ask<{ id: number }>(`${story.jiraUrl}/sandbox/faults`, { method: 'POST', body });
  return async () => {
    const { faults } = await ask<{ faults: { id: number; hits: number }[] }>(
      `${story.jiraUrl}/sandbox/faults`,
    );
    return faults.find((each) => each.id === id)?.hits ?? 0;
  };
}

const reads = (key: string, what: object, count: number) =>
  trouble({ ...what, method: 'GET', path: `${ISSUE}/${key}(/changelog)?$`, count });
const moves = (key: string, what: object) =>
  trouble({ ...what, method: 'POST', path: `${ISSUE}/${key}/transitions$` });
const comments = (key: string, what: object) =>
  trouble({ ...what, method: 'POST', path: `${ISSUE}/${key}/comment$` });

async function happened(what: string, ...hits: (() => Promise<number>)[]): Promise<void> {
  await until(what, async () =>
    (await Promise.all(hits.map((each) => each()))).every((each) => each > 0) ? true : undefined,
  );
}

const nothingYet = async (iid: number) => expect(await story.attempts(iid)).toEqual([]);

describe('a JIRA in trouble at every step', () => {
  test('never lets anything be applied, and each change goes on by itself', async () => {
    const opened: [Trouble, number][] = [];
    // Nobody can tell whose ticket is being opened, so one after another.
    for (const name of Object.keys(TROUBLES) as Trouble[]) {
      const branch = `trouble-${opened.length}`;
      const opening = await trouble({ ...TROUBLES[name], method: 'POST', path: `${ISSUE}$` });
      const { iid } = await story.propose(branch, oneSubnet(story, onApproval(branch)));
      await happened(`the opening of a ticket to find JIRA ${name}`, opening);
      opened.push([name, iid]);
    }
    await Promise.all(opened.map(([name, iid]) => livesThrough(name, iid)));
    await quiet(story);
    for (const [, iid] of opened) await oneOfEverything(iid);
    expect(opened).toHaveLength(Object.keys(TROUBLES).length);
  }, 240_000);
});

/** One change, and JIRA in one kind of trouble at each of its steps. */
async function livesThrough(name: Trouble, iid: number): Promise<void> {
  const what = TROUBLES[name];
  const key = await until(
    `the ticket of !${iid}`,
    async () => {
      const change = await story.changeOf(iid).catch(() => undefined);
      return change?.approval_id ?? undefined;
    },
    { withinMs: 90_000 },
  );
  // Put in front of the approver.
  await moves(key, what);
  await reads(key, what, 2);
  await story.ticketIs(iid, 'In review', 60_000);
  await nothingYet(iid);
  // Read once the first approved, and asked on.
  const read = await reads(key, what, 3);
  const askedOn = await moves(key, what);
  const told = await comments(key, what);
  await story.adamInJira.move(key, 'Approved');
  await happened(`!${iid} to be read and asked on by a JIRA that is ${name}`, read, askedOn, told);
  await until(
    `!${iid} to be in front of the second approver`,
    async () => {
      const { state } = await story.changeOf(iid);
      const { status } = (await story.issue(key)).fields;
      return state.ticket.review?.status === 'in-review' && status.name === 'In review' ? true : undefined;
    },
    { withinMs: 60_000 },
  );
  await nothingYet(iid);
  // Looked at by the gates, started, and closed.
  const gates = await reads(key, what, 4);
  const started = await moves(key, what);
  await jiraAs(story, story.scene.players.mia).move(key, 'Approved');
  await happened(`the gates and the start of !${iid} to find JIRA ${name}`, gates, started);
  const closed = await moves(key, what);
  const closing = await comments(key, what);
  await story.changeIs(iid, 'merged', 90_000);
  await story.ticketIs(iid, 'Done', 60_000);
  await happened(`the end of !${iid} to find JIRA ${name}`, closed, closing);
}

/** Whatever was tried twice was done once. */
async function oneOfEverything(iid: number): Promise<void> {
  const { id, approval_id: key } = await story.changeOf(iid);
  expect((await story.attempts(iid)).map(({ outcome }) => outcome)).toEqual(['succeeded']);
  const { issues } = await story.adamInJira.asked<{ issues: { key: string }[] }>('/search/jql', 'POST', {
    jql: `labels = "countersign-${id}"`,
    fields: ['summary'],
  });
  expect(issues.map((issue) => issue.key)).toEqual([key]);
  const said = (await story.adamInJira.comments(key ?? '')).comments.map(({ body }) => JSON.stringify(body));
  expect(said.filter((text, i) => said.indexOf(text) !== i)).toEqual([]);
}

describe('a JIRA that lies', () => {
  test('about the status is not believed: nobody moved the ticket, says its changelog', async () => {
    const { iid, key } = await inReview('lie-status');
    const lied = await trouble({
      kind: 'altered',
      method: 'GET',
      path: `${ISSUE}/${key}$`,
      count: 100_000,
      set: { '/fields/status/id': '10102', '/fields/status/name': 'Approved' },
    });
    await hint(key);
    await happened('the lie to be told', lied);
    await quiet(story);
    expect((await story.changeOf(iid)).state.ticket.review?.status).toBe('in-review');
    await nothingApplied(story, iid);
    await heal();
    await approvedByBoth(key);
    await story.changeIs(iid, 'merged');
  });

  test('about the changelog is not believed either: what it showed last is gone', async () => {
    const { iid, key } = await inReview('lie-stale');
    const lied = await trouble({
      kind: 'altered',
      method: 'GET',
      path: `${ISSUE}/${key}/changelog$`,
      count: 100_000,
      cut: ['/values/-'],
    });
    await story.adamInJira.move(key, 'Approved');
    await happened('the lie to be told', lied);
    await quiet(story);
    expect((await story.changeOf(iid)).state.ticket.review?.status).toBe('in-review');
    await nothingApplied(story, iid);
    await heal();
    await until('the approval to be heard', async () =>
      (await story.issue(key)).fields.status.name === 'In review' ? true : undefined,
    );
    await jiraAs(story, story.scene.players.mia).move(key, 'Approved');
    await story.changeIs(iid, 'merged');
  });

  test('about who approved is refused, recorded, and told on the ticket', async () => {
    const { iid, key } = await inReview('lie-author');
    const { accountId } = story.scene.players.olga.jira;
    const lied = await trouble({
      kind: 'altered',
      method: 'GET',
      path: `${ISSUE}/${key}/changelog$`,
      count: 1,
      set: { '/values/-/author/accountId': accountId },
    });
    await story.adamInJira.move(key, 'Approved');
    await happened('the lie to be told', lied);
    await logTells(story, iid, 'verdict-refused', /./);
    expect(await ticketSays(story, key, /does not count/)).toMatch(/history was altered/);
    await nothingApplied(story, iid);
    await story.ticketIs(iid, 'In review');
    await approvedByBoth(key);
    await story.changeIs(iid, 'merged');
  });
});

test('the log of all this trouble proves itself', async () => {
  expect(await story.cli('audit', 'verify')).toMatchObject({ code: 0 });
});

async function inReview(name: string): Promise<{ iid: number; key: string }> {
  const { iid } = await story.propose(name, oneSubnet(story, onApproval(name)));
  const key = await story.ticketIs(iid, 'In review');
  // Our own move is read once more, by whoever made it and by its hook; what is a lie from here on is for what comes.
  await quiet(story);
  return { iid, key };
}

/** Adam, and Mia once she is asked. */
async function approvedByBoth(key: string): Promise<void> {
  await story.adamInJira.move(key, 'Approved');
  await until('the second approver to be asked', async () =>
    (await story.issue(key)).fields.status.name === 'In review' ? true : undefined,
  );
  await jiraAs(story, story.scene.players.mia).move(key, 'Approved');
}

const heal = () => post(`${story.jiraUrl}/sandbox/heal`, {});

/** A hook that JIRA signed makes the service look again. */
const hint = (issueKey: string) =>
  post(`${story.jiraUrl}/sandbox/hooks/forge`, {
    webhookId: story.hooks.jiraHookId,
    issueKey,
    accountId: story.scene.players.adam.jira.accountId,
    toStatusId: '10102',
  });
