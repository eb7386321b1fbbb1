import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jiraAs } from '#test/sandbox/house/actors.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

const TIERS = [
  { name: 'normal' },
  {
    name: 'high',
    approvals: [
      { id: 'owner', from: ['owners'] },
      { id: 'security', from: ['security'] },
    ],
    inOrder: true,
  },
];
const BRIEF = { ...TIERS[1], name: 'brief', approvalValidSeconds: 8 };

describe('what an approval takes', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory({
      server: { tiers: [...TIERS, BRIEF] },
      groups: { adam: ['owners'], mia: ['security'] },
      sweepSeconds: 1,
      projects: [
        { match: 'fin/prod/**', applyOn: 'approval', tier: 'high' },
        { match: 'fin/brief/**', applyOn: 'command', tier: 'brief' },
        { match: 'biz/**', applyOn: 'approval' },
      ],
    });
  });
  afterAll(() => story?.close());

  const mia = () => jiraAs(story, story.scene.players.mia);
  /** Adam approves, and our account puts the ticket in front of the next. */
  const adamApproves = async (key: string) => {
    const moves = (await story.ticketMoves(key)).length;
    await story.adamInJira.move(key, 'Approved');
    await until('the ticket to ask on', async () =>
      (await story.ticketMoves(key)).length === moves + 2 ? true : undefined,
    );
  };
  const bothApprove = async (iid: number, key: string) => {
    await adamApproves(key);
    await mia().move(key, 'Approved');
    await story.changeIs(iid, 'ready');
  };
  const lastComment = async (key: string) =>
    JSON.stringify((await story.adamInJira.comments(key)).comments.at(-1)?.body ?? '');

  test('two groups approve one after the other, each in its turn, and only then it is applied', async () => {
    const { iid } = await story.propose('two', {
      'fin/prod/two/main.tf': story.module('two', APPROVAL_VARIABLE + subnet('first', '10.2.0.0/24')),
    });
    const key = await story.ticketIs(iid, 'In review');

    // Security is not asked before the owners.
    await mia().move(key, 'Approved');
    await until('the early approval to be refused', async () =>
      /does not count/.test(await lastComment(key)) ? true : undefined,
    );
    expect(await lastComment(key)).toContain('Mia Maintainer is not of those who are asked now');
    await story.ticketIs(iid, 'In review');

    await adamApproves(key);
    expect(await lastComment(key)).toMatch(/Approved by Adam Approver.*somebody of security/i);
    expect(await story.attempts(iid)).toEqual([]);

    await story.olga.comment(iid, 'countersign apply');
    await story.noteSays(iid, /\*\*Refused\*\* `countersign apply`/);
    expect(await story.attempts(iid)).toEqual([]);

    await mia().move(key, 'Approved');
    await story.changeIs(iid, 'merged');
    expect(await story.attempts(iid)).toHaveLength(1);
  });

  test('the ticket is closed with what a plan after the apply came to', async () => {
    const clean = await story.propose('clean', {
      'biz/clean/main.tf': story.module('clean', APPROVAL_VARIABLE + subnet('first', '10.4.0.0/24')),
    });
    const restless = await story.propose('restless', {
      'biz/restless/main.tf': story.module(
        'restless',
        'resource "terraform_data" "clock" {\n  input = timestamp()\n}\n',
      ),
    });
    for (const { iid } of [clean, restless])
      await story.adamInJira.move(await story.ticketIs(iid, 'In review'), 'Approved');
    for (const { iid } of [clean, restless]) await story.changeIs(iid, 'merged');
    const cleanKey = await story.ticketIs(clean.iid, 'Done');
    const restlessKey = await story.ticketIs(restless.iid, 'Done');
    expect(await lastComment(cleanKey)).toContain('a plan after the apply has nothing left to do');
    expect(await lastComment(restlessKey)).toMatch(/not empty everywhere.*terraform_data\.clock/s);
  });

  test('an approval whose time is over is asked for again by itself, and the old one starts nothing', async () => {
    const { iid } = await story.propose('brief', {
      'fin/brief/one/main.tf': story.module('brief', APPROVAL_VARIABLE + subnet('first', '10.3.0.0/24')),
    });
    const key = await story.ticketIs(iid, 'In review');
    await bothApprove(iid, key);
    await until('the ticket to ask again', async () => {
      const { review } = (await story.changeOf(iid)).state.ticket;
      return review?.status === 'in-review' && review.round === 2 ? true : undefined;
    });
    expect(await lastComment(key)).toMatch(/The approval expired at 20/);
    expect((await story.ticketMoves(key)).slice(-3)).toEqual(['Approved', 'Requested', 'In review']);
    await story.olga.comment(iid, 'countersign apply');
    await story.noteSays(iid, /\*\*Refused\*\* `countersign apply`/);
    expect(await story.attempts(iid)).toEqual([]);

    await bothApprove(iid, key);
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
  });
});
