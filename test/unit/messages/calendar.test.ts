import { describe, expect, test } from 'vitest';
import type { CalendarReading } from '#domain/calendar.ts';
import type { GateReason } from '#domain/project.ts';
import { calendarBlocks, calendarLines } from '#messages/calendar-lines.ts';
import { questionReply } from '#messages/question-reply.ts';
import { summaryNote } from '#messages/summary-note.ts';
import { ticketContent } from '#messages/ticket-content.ts';
import { nextStep } from '#views/next-step.ts';
import { model, openTicket, project, sampleChange } from './sample-change.ts';

const MONDAY = { at: '2026-11-23T21:00:00Z', local: 'Mon 2026-11-23 22:00 (Europe/Berlin)' };
const FRIDAY = { at: '2026-11-27T21:00:00Z', local: 'Fri 2026-11-27 22:00 (Europe/Berlin)' };
const CLOSED: CalendarReading = {
  at: '2026-11-22T12:00:00Z',
  windows: [{ name: 'nights', times: 'Mon–Thu 22:00–02:00 (Europe/Berlin)' }],
  open: false,
  opensAt: MONDAY,
  freezes: [],
  freeAt: MONDAY,
};
const FREEZE = { name: 'accounts', reason: 'the year ends', from: MONDAY, until: FRIDAY, holds: true };

const lines = (...readings: CalendarReading[]) =>
  calendarLines({ calendar: new Map(readings.map((reading, i) => [`p${i}`, reading])) });

describe('what the calendar says of a change', () => {
  test('is one line where all its projects have it alike, and names them where not', () => {
    const window =
      'Change window: nights, Mon–Thu 22:00–02:00 (Europe/Berlin); opens Mon 2026-11-23 22:00 (Europe/Berlin).';
    expect(lines(CLOSED, CLOSED)).toEqual([window]);
    const frozen = { at: CLOSED.at, windows: [], open: true, freezes: [FREEZE], freeAt: FRIDAY };
    expect(lines(CLOSED, frozen, CLOSED)).toEqual([
      `\`p0\`, \`p2\`: ${window}`,
      '`p1`: Frozen until Fri 2026-11-27 22:00 (Europe/Berlin): accounts (the year ends).',
    ]);
  });

  test('is nothing where it may be applied at any time', () => {
    const free = { at: CLOSED.at, windows: [], open: true, freezes: [] };
    expect(lines(free)).toEqual([]);
    expect(calendarBlocks({ calendar: new Map([['p', free]]) })).toEqual([]);
  });

  test('tells of a freeze that is to come, of a window that is open, and of the first time of all where that is another', () => {
    const ahead = { ...FREEZE, holds: false };
    const { opensAt: _, freeAt: __, ...rest } = CLOSED;
    expect(lines({ ...rest, open: true, closesAt: MONDAY, freezes: [ahead] })[0]).toMatch(
      /open until Mon 2026-11-23 22:00 .* Freeze ahead, from Mon .* until Fri .*: accounts \(the year ends\)\.$/,
    );
    expect(lines({ ...CLOSED, freezes: [FREEZE], freeAt: FRIDAY })[0]).toMatch(
      /opens Mon .* Frozen until Fri .* It may be applied from Fri 2026-11-27 22:00 \(Europe\/Berlin\) on\.$/,
    );
  });

  test('is bounded, however many projects have windows of their own', () => {
    const readings = Array.from({ length: 40 }, (_, i) => ({
      ...CLOSED,
      windows: [{ name: `w${i < 30 ? 0 : i}`, times: 'daily' }],
    }));
    const told = lines(...readings);
    expect(told[0]).toMatch(/^(?:`p\d`, ){4}`p4` and 25 more: Change window: w0/);
    expect(told.slice(6)).toEqual(['5 more projects have windows or freezes of their own.']);
  });

  test('cannot become markup, whatever a repository calls its windows', () => {
    const nasty = { ...CLOSED, windows: [{ name: '<b>x</b> [y](http://z) @all', times: 'daily' }] };
    expect(lines(nasty)[0]).not.toMatch(/(?<!\\)<b>|(?<!\\)\]\(|@all/);
  });

  test('stands in the note and on the ticket before anybody decides', () => {
    const about = { ...model(sampleChange({ ticket: openTicket() })), calendar: new Map([['p', CLOSED]]) };
    expect(summaryNote(about)).toContain('opens Mon 2026-11-23 22:00');
    const ticket = ticketContent({
      ...about,
      differences: [],
      tupleHash: 'e'.repeat(64),
      attachments: [],
      labels: {},
    });
    expect(JSON.stringify(ticket.body)).toContain('When it may be applied');
  });
});

describe('a change that is approved and waits for its time', () => {
  const early: GateReason = {
    gate: 'change-window',
    answer: 'no',
    reason: `it waits for its change window, which opens ${MONDAY.local}`,
    remedy: `it is applied by itself ${MONDAY.local}, if nothing has moved`,
    until: MONDAY.at,
  };
  const conflict: GateReason = {
    gate: 'mergeable',
    answer: 'no',
    reason: 'it has conflicts',
    remedy: 'rebase it',
  };
  const blocked = (...reasons: GateReason[]) =>
    sampleChange({ projects: [project('fin/dev/network', 'blocked', { reasons })], ticket: openTicket() });

  test('is not called blocked, but told when and that it goes by itself', () => {
    const note = summaryNote(model(blocked(early)));
    expect(note).toMatch(
      /^\*\*Approved; waits for its time\.\*\* `fin\/dev\/network`: It waits for its change window, which opens Mon 2026-11-23 22:00 .* It is applied by itself/,
    );
    expect(note).toContain('approved, waits for its time');
    expect(nextStep(blocked(early))).toEqual({
      who: 'nobody',
      what: `Approved; fin/dev/network waits for its time: ${early.reason}. Next: ${early.remedy}.`,
      tone: 'waiting',
    });
  });

  test('waits for an operator where it is applied on command, until one has commanded it', () => {
    const onCommand = (rest: object) =>
      sampleChange({
        projects: [project('fin/dev/network', 'blocked', { reasons: [early], applyOn: 'command', ...rest })],
        ticket: openTicket(),
      });
    expect(nextStep(onCommand({})).who).toBe('operator');
    const by = { gitlabId: 13, username: 'olga', accessLevel: 40, roles: ['operator'] };
    expect(nextStep(onCommand({ ordered: { noteId: 1, by } })).who).toBe('nobody');
  });

  test('is blocked as before where something else is in the way as well', () => {
    expect(summaryNote(model(blocked(early, conflict)))).toMatch(/^\*\*Blocked\.\*\*/);
    expect(nextStep(blocked(conflict, early)).tone).toBe('attention');
  });

  test('says so to whoever asks why', () => {
    const change = blocked(early);
    const gates = new Map([
      ['fin/dev/network', [{ ...early, gate: 'change-window' as const, evidence: {} }]],
    ]);
    const reply = questionReply({ question: 'why', gates }, ['fin/dev/network'], model(change));
    expect(reply).toContain('Next: it is applied by itself Mon 2026-11-23 22:00');
  });
});

describe('a review that takes too long', () => {
  const said = {
    key: 'CHG-12',
    round: 1,
    stage: 'reminded',
    at: '2026-11-01T12:05:00Z',
    people: ['Adam Approver'],
    to: [],
  } as const;
  const note = (reminded: object) => {
    const about = model(sampleChange({ ticket: openTicket() }));
    return summaryNote({ ...about, reminded: { ...said, ...reminded } });
  };

  test('is told in the note, with whom was reminded and when', () => {
    expect(note({})).toContain(
      'In review since 2026-11-01 10:05 UTC: Adam Approver was reminded 2026-11-01 12:05 UTC.',
    );
    expect(note({ people: ['Adam', 'Bob', 'Cleo'] })).toContain(': Adam, Bob and Cleo were reminded 2026');
    expect(note({ stage: 'escalated', to: ['leads'] })).toMatch(
      /Adam Approver was reminded .*, and it is escalated to `leads`\./,
    );
  });

  test('is not told of an earlier round, nor once it is decided', () => {
    expect(note({ round: 0 })).not.toContain('In review since');
    const decided = sampleChange({
      ticket: openTicket({ review: { status: 'withdrawn', round: 1, why: 'x' } }),
    });
    expect(summaryNote({ ...model(decided), reminded: said })).not.toContain('In review since');
  });
});
