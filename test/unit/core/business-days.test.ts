import { expect, test } from 'vitest';
import { afterBusinessDays } from '#domain/business-days.ts';

test.each([
  ['on Monday', '2026-11-02T02:25:00.000Z', 2, [], '2026-11-04T02:25:00.000Z'],
  ['on Friday', '2026-11-06T02:25:00.000Z', 2, [], '2026-11-10T02:25:00.000Z'],
  ['on Saturday', '2026-11-07T23:59:00.000Z', 1, [], '2026-11-09T23:59:00.000Z'],
  [
    'before a holiday',
    '2026-12-23T12:00:00.000Z',
    2,
    ['2026-12-24', '2026-12-25'],
    '2026-12-29T12:00:00.000Z',
  ],
] as const)(
  'two working days are counted without weekends and holidays: %s',
  (_, at, days, holidays, due) => {
    expect(afterBusinessDays(at, days, holidays)).toBe(due);
  },
);
