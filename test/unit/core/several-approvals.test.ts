import { describe, expect, test } from 'vitest';
import { openTicketOf, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');
const DORA = 'account-of-dora';

/** One has approved, and the gates want another. */
function oneOfTwo(): Play {
  const play = new Play().approved(app);
  return play.wantsMore('app', play.approvals());
}

describe('where more than one approval is wanted', () => {
  test('one that counts stands, nothing is applied, and the ticket asks on', () => {
    const play = oneOfTwo();
    expect(play.asked('ask-on')).toHaveLength(1);
    expect(play.asked('present-ticket')).toEqual([]);
    expect(play.review()).toBe('in-review');
    expect(play.approvals()).toHaveLength(1);
    expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
  });

  test('an approval that is still to be asked on after is not taken for another', () => {
    const play = oneOfTwo().ticketIsRead();
    expect(play.review()).toBe('in-review');
    expect(play.last.effects).toEqual([]);
  });

  test('the next approval makes the gates be asked again, with both', () => {
    const play = oneOfTwo().askedOn().ticketMoves('approved', DORA);
    expect(play.review()).toBe('approved');
    expect(play.approvals()).toHaveLength(2);
    play.judged('app', true);
    expect(play.asked('run-apply')).toHaveLength(1);
  });

  test('an approval that does not count falls away, and those that count stand', () => {
    const play = oneOfTwo();
    const counted = play.approvals();
    play.askedOn().ticketMoves('approved', DORA).wantsMore('app', counted);
    expect(play.approvals()).toEqual(counted);
    play.ticketIsRead();
    expect(play.review()).toBe('in-review');
    play.askedOn().ticketMoves('approved', 'account-of-emil');
    expect(play.approvals()).toHaveLength(2);
    expect(play.approvals()[0]).toBe(counted[0]);
  });

  test('whoever takes the ticket back takes back every approval', () => {
    const play = oneOfTwo().askedOn().ticketMoves('approved', DORA).ticketMoves('in-review', DORA);
    expect(play.review()).toBe('presenting');
    expect(play.entries()).toEqual(['approval-voided']);
  });

  test('when none of them counts the ticket goes back to review with a new round', () => {
    const play = new Play().approved(app).wantsMore('app', [], 'bob is not of those who are asked');
    expect(play.review()).toBe('presenting');
    expect(play.entries()).toEqual(['verdict-refused', 'approval-voided']);
  });

  test('a rejection ends it, whoever has approved before', () => {
    const play = oneOfTwo().askedOn().ticketMoves('rejected', DORA);
    expect(play.statuses()).toEqual({ app: 'rejected' });
  });

  test('once an attempt was started the ticket asks anew instead of going on', () => {
    const play = new Play().approved(app, target('db', { applyOn: 'command' }));
    play.judged('app', true).claimed('app');
    play.wantsMore('db', play.approvals());
    expect(play.asked('ask-on')).toEqual([]);
    expect(play.review()).toBe('presenting');
  });
});

describe('an approval that is too old', () => {
  test('is asked for again by itself', () => {
    const play = new Play().approved(app).judged('app', false).nextDay().approvalExpires();
    expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
    expect(play.asked('present-ticket')).toHaveLength(1);
    expect(openTicketOf(play.change.ticket).review).toMatchObject({
      status: 'presenting',
      why: expect.stringMatching(/^the approval expired at 2026-11-02 10:/),
    });
  });

  test('is asked for again once plans that are old as well are made again', () => {
    const play = new Play().approved(app).judged('app', false).nextDay().approvalExpires('app');
    expect(play.statuses()).toEqual({ app: 'planning' });
    expect(play.asked('withdraw-ticket')).toHaveLength(1);
    play.planned('app');
    expect(play.asked('present-ticket')).toHaveLength(1);
  });

  test('is told too early by nobody, and of another round says nothing', () => {
    const play = new Play().approved(app).judged('app', false).approvalExpires();
    expect(play.review()).toBe('approved');
    play.nextDay().record({ type: 'approval-expired', key: 'CHG-1', round: 7, planAgain: [] });
    expect(play.review()).toBe('approved');
  });

  test('takes back those that were given before it', () => {
    const play = oneOfTwo().askedOn().nextDay().approvalExpires();
    expect(play.approvals()).toEqual([]);
    expect(play.review()).toBe('presenting');
  });

  test('stops nothing that has begun', () => {
    const play = new Play().approved(app).judged('app', true).claimed('app').nextDay().approvalExpires();
    expect(play.statuses()).toEqual({ app: 'applying' });
    expect(play.review()).toBe('approved');
  });

  test('leaves a plan time: one that grows old while approved is made again, and an equal one needs no other approval', () => {
    const play = new Play().approved(app).judged('app', false).expires('app');
    expect(play.statuses()).toEqual({ app: 'planning' });
    play.planned('app');
    expect(play.entries()).toEqual(['plan-rebound']);
    expect(play.asked('collect-evidence')).toHaveLength(1);
  });
});
