import { describe, expect, test } from 'vitest';
import { createCalendar } from '#adapters/calendar/create-calendar.ts';
import type { CalendarSettings, ChangeWindow, Freeze } from '#domain/calendar.ts';

const PROJECT = { tier: 'normal', dir: 'fin/prod/network', labels: { network: 'fin' } };
const EVERY_DAY = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const nights: ChangeWindow = {
  name: 'nights',
  days: ['mon', 'tue', 'wed', 'thu'],
  from: '22:00',
  to: '02:00',
  zone: 'Europe/Berlin',
};
const winter: Freeze = {
  name: 'turn of the year',
  reason: 'annual accounts',
  from: '2026-12-18',
  until: '2027-01-03',
  zone: 'Europe/Berlin',
};

const calendar = (settings: Partial<CalendarSettings>) =>
  createCalendar({ windows: [], freezes: [], holidays: [], noticeSeconds: 3 * 86_400, ...settings });
const at = (time: string, settings: Partial<CalendarSettings>, project = PROJECT) =>
  calendar(settings).at(time, project);

describe('windows', () => {
  test('without any, work may be done at any time', () => {
    expect(at('2026-11-22T12:00:00Z', {})).toEqual({
      at: '2026-11-22T12:00:00.000Z',
      windows: [],
      open: true,
      freezes: [],
    });
  });

  test('on a Sunday the next night that begins on a Monday is told, in the words of its zone', () => {
    expect(at('2026-11-22T12:00:00Z', { windows: [nights] })).toEqual({
      at: '2026-11-22T12:00:00.000Z',
      windows: [{ name: 'nights', times: 'Mon–Thu 22:00–02:00 (Europe/Berlin)' }],
      open: false,
      opensAt: { at: '2026-11-23T21:00:00.000Z', local: 'Mon 2026-11-23 22:00 (Europe/Berlin)' },
      freezes: [],
      freeAt: { at: '2026-11-23T21:00:00.000Z', local: 'Mon 2026-11-23 22:00 (Europe/Berlin)' },
      changesAt: '2026-11-23T21:00:00.000Z',
    });
  });

  test('after midnight the night before is still open, and it closes at its end', () => {
    const friday = at('2026-11-27T00:30:00Z', { windows: [nights] });
    expect(friday.open).toBe(true);
    expect(friday.closesAt?.local).toBe('Fri 2026-11-27 02:00 (Europe/Berlin)');
    expect(at('2026-11-27T01:00:00Z', { windows: [nights] }).open).toBe(false);
  });

  test('windows that overlap are one opening, also across zones', () => {
    const seoul = {
      ...nights,
      name: 'Seoul',
      days: ['tue'] as const,
      from: '06:00',
      to: '11:00',
      zone: 'Asia/Seoul',
    };
    const reading = at('2026-11-23T21:30:00Z', { windows: [nights, seoul] });
    expect(reading.open).toBe(true);
    expect(reading.closesAt?.at).toBe('2026-11-24T02:00:00.000Z');
  });

  test('one that does not begin on holidays is passed over, and may end on one', () => {
    const settings = { windows: [{ ...nights, exceptHolidays: true }], holidays: ['2026-11-24'] };
    expect(at('2026-11-23T23:30:00Z', settings).open).toBe(true);
    expect(at('2026-11-24T21:30:00Z', settings).opensAt?.local).toBe('Wed 2026-11-25 22:00 (Europe/Berlin)');
  });

  test('an hour that the clocks leave out has no window, and one that they show twice has it twice', () => {
    const window = { ...nights, days: EVERY_DAY, from: '02:00', to: '02:30' };
    const spring = at('2026-03-28T12:00:00Z', { windows: [window] });
    expect(spring.opensAt?.local).toBe('Mon 2026-03-30 02:00 (Europe/Berlin)');
    const first = at('2026-10-24T12:00:00Z', { windows: [window] });
    expect(first.opensAt?.at).toBe('2026-10-25T00:00:00.000Z');
    const second = at('2026-10-25T00:30:00Z', { windows: [window] });
    expect([second.open, second.opensAt?.at]).toEqual([false, '2026-10-25T01:00:00.000Z']);
  });

  test('one that lies around the hour that is left out is shorter by it', () => {
    const window = { ...nights, days: EVERY_DAY, from: '02:30', to: '04:00' };
    const spring = at('2026-03-28T12:00:00Z', { windows: [window] });
    expect(spring.opensAt?.at).toBe('2026-03-29T01:00:00.000Z');
    expect(at('2026-03-29T01:00:00Z', { windows: [window] }).closesAt?.at).toBe('2026-03-29T02:00:00.000Z');
  });

  test('one that never opens within a year is told without a time', () => {
    const never = { ...nights, days: ['fri'] as const, exceptHolidays: true };
    const holidays = Array.from({ length: 500 }, (_, day) =>
      new Date(Date.parse('2026-11-01T00:00:00Z') + day * 86_400_000).toISOString().slice(0, 10),
    );
    const reading = at('2026-11-22T12:00:00Z', { windows: [never], holidays });
    expect([reading.open, reading.opensAt, reading.freeAt]).toEqual([false, undefined, undefined]);
  });

  test('all day every day is always open', () => {
    const always = { ...nights, days: EVERY_DAY, from: '00:00', to: '24:00' };
    const reading = at('2026-11-22T12:00:00Z', { windows: [always] });
    expect([reading.open, reading.closesAt]).toEqual([true, undefined]);
    expect(reading.windows[0]?.times).toBe('daily 00:00–24:00 (Europe/Berlin)');
  });
});

describe('whom they concern', () => {
  const concerned = (scope: Partial<ChangeWindow>, project = PROJECT) =>
    at('2026-11-22T12:00:00Z', { windows: [{ ...nights, ...scope }] }, project).windows.length === 1;

  test('a tier, a folder and labels all have to fit', () => {
    expect(
      concerned({ tiers: ['normal', 'critical'], match: ['fin/prod/**'], labels: { network: 'fin' } }),
    ).toBe(true);
    expect(concerned({ tiers: ['critical'] })).toBe(false);
    expect(concerned({ match: ['biz/**', 'fin/dev/**'] })).toBe(false);
    expect(concerned({ labels: { network: 'biz' } })).toBe(false);
  });

  test('a label that a project lacks counts as the one that is meant, where no window fits without it', () => {
    expect(concerned({ labels: { env: 'prod' } })).toBe(true);
    expect(concerned({ labels: { constructor: 'x' } })).toBe(true);
    const certain = { ...nights, name: 'certain', labels: { network: 'fin' } };
    const windows = [{ ...nights, labels: { env: 'prod' } }, certain];
    const reading = at('2026-11-22T12:00:00Z', { windows });
    expect(reading.windows.map(({ name }) => name)).toEqual(['certain']);
  });

  test('a freeze holds for whoever lacks its label, and not for those that have another value', () => {
    const held = (labels: Record<string, string>) =>
      at('2026-12-20T12:00:00Z', { freezes: [{ ...winter, labels }] }).freezes.length === 1;
    expect(held({ env: 'prod' })).toBe(true);
    expect(held({ network: 'fin' })).toBe(true);
    expect(held({ network: 'biz' })).toBe(false);
  });
});

describe('freezes', () => {
  test('of days the last one belongs to it, as days are in its zone', () => {
    const holds = (time: string) => at(time, { freezes: [winter] }).freezes.some((each) => each.holds);
    expect(holds('2026-12-17T22:59:59Z')).toBe(false);
    expect(holds('2026-12-17T23:00:00Z')).toBe(true);
    expect(holds('2027-01-03T22:59:59Z')).toBe(true);
    expect(holds('2027-01-03T23:00:00Z')).toBe(false);
  });

  test('it is told of from the time of notice on, with its reason and both ends', () => {
    expect(at('2026-12-14T22:59:59Z', { freezes: [winter] })).toMatchObject({
      freezes: [],
      changesAt: '2026-12-14T23:00:00.000Z',
    });
    expect(at('2026-12-14T23:00:00Z', { freezes: [winter] })).toMatchObject({
      freezes: [
        {
          name: 'turn of the year',
          reason: 'annual accounts',
          from: { local: 'Fri 2026-12-18 00:00 (Europe/Berlin)' },
          until: { local: 'Mon 2027-01-04 00:00 (Europe/Berlin)' },
          holds: false,
        },
      ],
      changesAt: '2026-12-17T23:00:00.000Z',
    });
  });

  test('times with an offset are meant to the minute', () => {
    const release = { ...winter, from: '2026-12-18T18:00:00+01:00', until: '2026-12-18T20:00:00+01:00' };
    const during = at('2026-12-18T17:30:00Z', { freezes: [release] });
    expect(during.freezes[0]?.holds).toBe(true);
    expect(during.freeAt?.at).toBe('2026-12-18T19:00:00.000Z');
  });

  test('a window within a freeze does not count as the next time at which work may be done', () => {
    const reading = at('2026-12-16T12:00:00Z', {
      windows: [{ ...nights, days: ['fri'] }],
      freezes: [winter],
    });
    expect(reading.opensAt?.local).toBe('Fri 2026-12-18 22:00 (Europe/Berlin)');
    expect(reading.freeAt?.local).toBe('Fri 2027-01-08 22:00 (Europe/Berlin)');
  });
});

describe('what a repository adds', () => {
  const mornings = { ...nights, name: 'mornings', from: '23:00', to: '06:00' };

  test('its windows take away from the server’s, and add nothing to them', () => {
    const server = calendar({ windows: [nights] });
    const reading = server.at('2026-11-23T21:30:00Z', PROJECT, { windows: [mornings], freezes: [] });
    expect([reading.open, reading.opensAt?.at]).toEqual([false, '2026-11-23T22:00:00.000Z']);
    const late = server.at('2026-11-24T03:00:00Z', PROJECT, { windows: [mornings], freezes: [] });
    expect(late.open).toBe(false);
  });

  test('its freezes hold beside the server’s', () => {
    const reading = calendar({}).at('2026-12-20T12:00:00Z', PROJECT, { windows: [], freezes: [winter] });
    expect(reading.freezes.map(({ name, holds }) => [name, holds])).toEqual([['turn of the year', true]]);
  });
});
