import { describe, expect, test } from 'vitest';
import { sampleChange } from '#test/unit/messages/sample-change.ts';
import { debtOf, paidDebtOf } from '#test/unit/messages/sample-emergency.ts';
import { ticketEvents, ticketOf } from '#views/ticket-view.ts';

const ticket = { number: 4, key: 'CHG-4', url: 'https://jira.test/browse/CHG-4' };
const closed = { ...ticket, status: 'closed', outcome: 'done' } as const;
const row = {
  key: 'CHG-4',
  opened_at: new Date('2026-11-01T02:00:00Z'),
  closed_at: new Date('2026-11-01T02:30:00Z'),
  outcome: 'done',
};

describe('the ticket of a change that was applied in an emergency', () => {
  test('is in review, and not done, until it is approved afterwards', () => {
    const inReview = { status: 'in-review', round: 3, moveId: '7', given: [] } as const;
    const change = sampleChange({ ticket: closed, debts: [debtOf({ ticket, review: inReview })] });
    expect(ticketOf(change)).toMatchObject({ key: 'CHG-4', status: 'in-review', tupleHash: 'ab' });
    expect(ticketEvents(row, change.debts).map(({ what }) => what)).toEqual(['Ticket CHG-4 opened']);
  });

  test('says why it asks again', () => {
    const why = 'it was rejected afterwards';
    const change = sampleChange({
      ticket: closed,
      debts: [debtOf({ ticket, review: { status: 'presenting', round: 4, why } })],
    });
    expect(ticketOf(change)).toMatchObject({ status: 'presenting', why });
  });

  test('is done, and closed, from when it was approved afterwards', () => {
    const change = sampleChange({ ticket: closed, debts: [paidDebtOf({ ticket })] });
    expect(ticketOf(change)).toMatchObject({ key: 'CHG-4', status: 'done' });
    expect(ticketEvents(row, change.debts)).toMatchObject([
      { what: 'Ticket CHG-4 opened' },
      { what: 'Ticket CHG-4 closed as done', at: '2026-11-02T08:00:00.000Z' },
    ]);
  });
});

test('any other ticket is closed when the change was done with it', () => {
  expect(ticketOf(sampleChange({ ticket: closed }))).toMatchObject({ status: 'done' });
  expect(ticketEvents({ ...row, key: 'CHG-3' }, [paidDebtOf({ ticket })])).toMatchObject([
    { what: 'Ticket CHG-3 opened' },
    { what: 'Ticket CHG-3 closed as done', at: '2026-11-01T02:30:00.000Z' },
  ]);
});
