import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

describe('an approval and the branches around it', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory();
  });
  afterAll(() => story?.close());

  const network = (state: string, ...subnets: string[]) =>
    story.module(state, APPROVAL_VARIABLE + subnets.map((cidr, i) => subnet(`subnet_${i}`, cidr)).join('\n'));
  const commitToMain = (files: Record<string, string>) => story.olga.push('main', files);

  test('a push after the approval voids it: the ticket comes back with the new plan, and only a new approval counts', async () => {
    const file = 'fin/prod/pushed/main.tf';
    const { iid } = await story.propose('pushed', { [file]: network('pushed', '10.2.0.0/24') });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    const approved = await story.changeIs(iid, 'ready');

    await story.erin.push('pushed', { [file]: network('pushed', '10.2.0.0/24', '10.2.1.0/24') });
    const again = await until('the new revision to be in review', async () => {
      const change = await story.changeOf(iid);
      const inReview = change.state.ticket.review?.status === 'in-review';
      return change.state.revision?.number === 2 && inReview ? change : undefined;
    });
    expect(again.status).toBe('awaiting-approval');
    expect(again.state.revision?.headSha).not.toBe(approved.state.revision?.headSha);
    expect(await story.entries(iid)).toContain('approval-voided');
    expect(again.approval_id).toBe(key);
    expect((await story.issue(key)).fields.status.name).toBe('In review');
    const moves = await story.ticketMoves(key);
    expect(moves.slice(moves.indexOf('Approved'))).toEqual(['Approved', 'Requested', 'In review']);
    const files = (await story.issue(key)).fields.attachment.map(({ filename }) => filename);
    for (const ending of ['.txt', '.json'])
      expect(new Set(files.filter((name) => name.endsWith(ending))).size).toBe(2);

    // The approval of before is still in the changelog, and does not count.
    await story.olga.comment(iid, 'countersign apply');
    await story.noteSays(iid, /\*\*Refused\*\* `countersign apply`.*ticket-approved/s);
    expect(await story.attempts(iid)).toEqual([]);

    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    await story.olga.comment(iid, 'countersign apply');
    const merged = await story.changeIs(iid, 'merged');
    expect(merged.state.release.sha).toBe(again.state.revision?.headSha);
    expect(await story.attempts(iid)).toHaveLength(1);
  });

  test('the approval stands when the target branch moves elsewhere', async () => {
    const { iid } = await story.propose('elsewhere', {
      'fin/prod/elsewhere/main.tf': network('elsewhere', '10.3.0.0/24'),
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');

    await commitToMain({ 'docs/networks.md': 'What they are for.\n', 'fin/prod/other/main.tf': '# later\n' });
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
    expect((await story.ticketMoves(key)).filter((to) => to === 'In review')).toHaveLength(1);
    expect((await story.changeOf(iid)).state.revision?.number).toBe(1);
  });

  test('a target branch that changed an input asks for a rebase, and the rebase heals it', async () => {
    const file = 'fin/prod/diverged/main.tf';
    const { iid } = await story.propose('diverged', { [file]: network('diverged', '10.4.0.0/24') });
    const key = await story.ticketIs(iid, 'In review');
    await commitToMain({ 'fin/prod/diverged/notes.tf': 'locals {\n  owner = "network"\n}\n' });
    await story.adamInJira.move(key, 'Approved');
    await story.blockedBy(iid, 'not-diverged');
    await story.noteSays(iid, /rebase/i);
    await story.olga.comment(iid, 'countersign apply');
    await story.noteSays(iid, /\*\*Refused\*\* `countersign apply`.*not-diverged.*rebase/is);
    expect(await story.attempts(iid)).toEqual([]);

    await story.erin.push('diverged', { [file]: network('diverged', '10.4.0.0/24') }, { force: true });
    await until('the rebased revision to be in review', async () => {
      const { revision, ticket } = (await story.changeOf(iid)).state;
      return revision?.number === 2 && ticket.review?.status === 'in-review' ? true : undefined;
    });
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
  });
});

/** The names of the statuses a ticket was moved to, oldest first. */
