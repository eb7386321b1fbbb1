import { afterAll, beforeAll, expect, test } from 'vitest';
import { nothingApplied, onApproval, oneSubnet } from '#test/support/refusals.ts';
import { openStory, type Story, until } from '#test/support/story.ts';

/** Where a firm wants it stricter; without webhooks, so that nobody tells of what happens to the target branch. */
let story: Story;
beforeAll(async () => {
  story = await openStory({ gates: { voidedBy: 'any' }, hooks: false, sweepSeconds: 1 });
}, 60_000);
afterAll(() => story?.close());

test('any move of the target branch takes the approval back where that is configured, and it is asked about again', async () => {
  const { iid } = await story.propose('stricter', oneSubnet(story, onApproval('stricter')));
  const key = await story.ticketIs(iid, 'In review');
  await story.olga.push('main', { 'docs/networks.md': 'Nothing that any project is made of.\n' });
  await story.adamInJira.move(key, 'Approved');
  const again = await until('the moved target to be in front of the approver', async () => {
    const change = await story.changeOf(iid);
    const isAsked = change.state.ticket.review?.status === 'in-review';
    return change.state.revision?.number === 2 && isAsked ? change : undefined;
  });
  expect(again.approval_id).toBe(key);
  expect(await story.entries(iid)).toContain('approval-voided');
  await nothingApplied(story, iid);

  await story.adamInJira.move(key, 'Approved');
  await story.changeIs(iid, 'merged');
  expect(await story.attempts(iid)).toHaveLength(1);
});
