import { describe, expect, test } from 'vitest';
import type { TicketMove } from '#domain/fact.ts';
import { isDecisionNews } from '#workers/decision-news.ts';
import { APPROVED, BOT, move, OPENED, reading, situation } from '../gates/evidence.ts';

const { change: approved } = situation().subject;
const ticket = approved.ticket as Extract<typeof approved.ticket, { status: 'open' }>;
const inReview = {
  ticket: {
    ...ticket,
    review: { ...ticket.review, status: 'in-review', given: [] } as unknown as typeof ticket.review,
  },
};
const BACK = move('m3', 'approved', 'in-review', 'jira-bob');
const AGAIN = move('m4', 'in-review', 'approved', 'jira-cleo');

describe('without any webhook, a look at the tickets finds', () => {
  test.each<[string, Pick<typeof approved, 'ticket'>, TicketMove[], boolean]>([
    ['nothing new in the approval that is known', approved, [OPENED, APPROVED], false],
    [
      'nothing new in our own start under it',
      approved,
      [OPENED, APPROVED, move('m3', 'approved', 'applying', BOT)],
      false,
    ],
    ['an approval that was taken back', approved, [OPENED, APPROVED, BACK], true],
    ['an approval by somebody else after that', approved, [OPENED, APPROVED, BACK, AGAIN], true],
    [
      'a rejection after an approval',
      approved,
      [OPENED, APPROVED, BACK, move('m4', 'in-review', 'rejected', 'jira-cleo')],
      true,
    ],
    ['nothing new while nobody has decided', inReview, [OPENED], false],
    ['the first approval', inReview, [OPENED, APPROVED], true],
    [
      'nothing new in an approval that was taken back before it was heard of',
      inReview,
      [OPENED, APPROVED, BACK],
      false,
    ],
  ])('%s', (_, change, moves, isNews) => {
    expect(isDecisionNews(change, reading(moves), BOT)).toBe(isNews);
  });

  test('a ticket that is gone', () => {
    expect(isDecisionNews(approved, reading([OPENED, APPROVED], { exists: false }), BOT)).toBe(true);
  });
});
