import { describe, expect, test } from 'vitest';
import type { CalendarReading } from '#domain/calendar.ts';
import { toReasons, turnsAt } from '#domain/gates/evaluate-gates.ts';
import { OPERATOR } from './evidence.ts';
import { ask, command, see, type Spoil } from './spoil.ts';

const NIGHTS = { name: 'nights', times: 'Mon–Thu 22:00–02:00 (Europe/Berlin)' };
const MONDAY = { at: '2026-03-02T21:00:00Z', local: 'Mon 2026-03-02 22:00 (Europe/Berlin)' };
const TUESDAY = { at: '2026-03-03T01:00:00Z', local: 'Tue 2026-03-03 02:00 (Europe/Berlin)' };
const FREEZE = { name: 'accounts', reason: 'the quarter ends', from: MONDAY, until: TUESDAY, holds: true };

const says =
  (members: Partial<CalendarReading>): Spoil =>
  (s) =>
    see(s.project.calendar, members);
const closed = says({ windows: [NIGHTS], open: false, opensAt: MONDAY, freeAt: MONDAY });
const frozen = says({ freezes: [FREEZE], freeAt: TUESDAY });
const both =
  (...spoils: readonly Spoil[]): Spoil =>
  (s) =>
    spoils.forEach((spoil) => spoil(s));
const onApproval: Spoil = (s) => {
  s.subject.project = { ...s.subject.project, applyOn: 'approval' };
};

describe('change-window', () => {
  test('without windows it may be applied at any time', () => {
    expect(ask('change-window', () => undefined)).toMatchObject({ answer: 'yes' });
  });

  test('before its window it waits until that opens, and is then applied by itself', () => {
    expect(ask('change-window', both(closed, onApproval))).toMatchObject({
      answer: 'no',
      reason:
        'it waits for its change window, which opens Mon 2026-03-02 22:00 (Europe/Berlin): nights (Mon–Thu 22:00–02:00 (Europe/Berlin))',
      remedy: expect.stringContaining(
        'it is applied by itself Mon 2026-03-02 22:00 (Europe/Berlin), if nothing has moved',
      ),
      until: MONDAY.at,
    });
  });

  test('what is applied on command is commanded then', () => {
    expect(ask('change-window', closed).remedy).toMatch(
      /^an operator comments `countersign apply`, now or then, and it is applied from Mon/,
    );
  });

  test('what was commanded is applied by itself then; a command does not outlive its approval', () => {
    const commanded = both(closed, command(OPERATOR.gitlabId));
    expect(ask('change-window', commanded).remedy).toBe(
      'it is applied by itself Mon 2026-03-02 22:00 (Europe/Berlin), as @user13 commanded, if nothing has moved; plan and approval will be too old by then, and are asked for again, and so is the command',
    );
    const soon = says({
      freeAt: { at: '2026-03-02T09:00:00Z', local: 'Mon 2026-03-02 10:00 (Europe/Berlin)' },
    });
    expect(ask('change-window', both(commanded, soon)).remedy).toMatch(/if nothing has moved$/);
  });

  test('whose plan is too old by then is told so', () => {
    const soon = says({
      freeAt: { at: '2026-03-02T09:00:00Z', local: 'Mon 2026-03-02 10:00 (Europe/Berlin)' },
    });
    expect(ask('change-window', closed).remedy).toContain('too old by then');
    expect(ask('change-window', both(closed, soon)).remedy).not.toContain('too old');
  });

  test('a freeze that begins before the window opens moves the time at which it is applied', () => {
    const later = says({
      freeAt: { at: '2026-03-09T21:00:00Z', local: 'Mon 2026-03-09 22:00 (Europe/Berlin)' },
    });
    const result = ask('change-window', both(closed, onApproval, later));
    expect(result.until).toBe(MONDAY.at);
    expect(result.remedy).toContain('applied by itself Mon 2026-03-09');
  });

  test('in its window it may be applied until that closes', () => {
    const open = says({ windows: [NIGHTS], closesAt: TUESDAY });
    expect(ask('change-window', open)).toMatchObject({ answer: 'yes', until: TUESDAY.at });
  });

  test('a window that never opens is for an administrator to look at', () => {
    const result = ask('change-window', says({ windows: [NIGHTS], open: false }));
    expect([result.answer, result.until]).toEqual(['no', undefined]);
    expect(result.remedy).toContain('administrator');
  });

  test('which windows there are is unknown where the configuration could not be read', () => {
    const unread: Spoil = (s) => {
      s.project.calendar = { seen: false, why: '502' };
    };
    expect(ask('change-window', unread)).toMatchObject({
      answer: 'unknown',
      reason: expect.stringContaining('502'),
    });
    expect(ask('not-frozen', unread)).toMatchObject({
      answer: 'unknown',
      reason: expect.stringContaining('502'),
    });
  });
});

describe('not-frozen', () => {
  test('no freeze, no question', () => {
    expect(ask('not-frozen', () => undefined)).toMatchObject({ answer: 'yes', reason: 'no freeze holds' });
  });

  test('a freeze says until when and why', () => {
    expect(ask('not-frozen', both(frozen, onApproval))).toMatchObject({
      answer: 'no',
      reason: 'it is frozen until Tue 2026-03-03 02:00 (Europe/Berlin): accounts (the quarter ends)',
      until: TUESDAY.at,
    });
  });

  test('of several that hold the last one counts', () => {
    const two = says({ freezes: [{ ...FREEZE, until: MONDAY }, FREEZE], freeAt: TUESDAY });
    expect(ask('not-frozen', two).until).toBe(TUESDAY.at);
  });

  test('one that is to come does not hold yet, and the answer ends with its beginning', () => {
    const coming = says({ freezes: [{ ...FREEZE, holds: false }] });
    expect(ask('not-frozen', coming)).toMatchObject({
      answer: 'yes',
      reason: 'no freeze holds; accounts begins Mon 2026-03-02 22:00 (Europe/Berlin)',
      until: MONDAY.at,
    });
  });
});

test('a reason hands on until when it holds, and of all answers the first to turn is known', () => {
  const results = [
    ask('change-window', closed),
    ask('not-frozen', frozen),
    ask('plan-fresh', () => undefined),
  ];
  expect(toReasons(results).map(({ gate, until }) => [gate, until])).toEqual([
    ['change-window', MONDAY.at],
    ['not-frozen', TUESDAY.at],
  ]);
  expect(turnsAt(results)).toBe(MONDAY.at);
  expect(turnsAt([ask('plan-fresh', () => undefined)])).toBeUndefined();
});
