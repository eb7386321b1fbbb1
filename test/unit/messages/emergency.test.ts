import { describe, expect, test } from 'vitest';
import type { Change, OwedDebt } from '#domain/change.ts';
import {
  approveAfterwards,
  debtIsOverdue,
  debtIsPaid,
  emergencyNote,
  emergencyOnTicket,
} from '#messages/emergency.ts';
import { rollbackDescription, rollbackMessage, rollbackOpened, rollbackTitle } from '#messages/rollback.ts';
import { summaryNote } from '#messages/summary-note.ts';
import { ticketValues } from '#messages/ticket-values.ts';
import { ticketContent } from '#messages/ticket-content.ts';
import { model, PAGE, project, sampleChange } from './sample-change.ts';
import { debtOf, glass } from './sample-emergency.ts';

const note = (told: Partial<Parameters<typeof emergencyNote>[0]>) =>
  emergencyNote({ glass, debt: undefined, pageUrl: PAGE, ticketUrl: debtOf().ticket.url, ...told });

describe('an emergency, told', () => {
  test('is the type of a change from when it was confirmed, and not while somebody only asks', () => {
    const typeOf = (change: Partial<Change>) => ticketValues(model(sampleChange(change)), {}).changeType;
    const { confirmedBy: _, confirmNoteId: __, confirmedAt: ___, due: ____, ...asked } = glass;
    expect(typeOf({ breakGlass: { ...asked, status: 'asked' } })).toBe('normal');
    const over = { status: 'over', as: 'lapsed', why: 'nobody confirmed it', overAt: asked.until } as const;
    expect(typeOf({ breakGlass: { ...asked, ...over } })).toBe('normal');
    expect(typeOf({ breakGlass: glass })).toBe('emergency');
    const { ticket } = sampleChange();
    const owed = debtOf({ ticket: { number: 1, key: 'key' in ticket ? (ticket.key ?? '') : '', url: '' } });
    expect(typeOf({ debts: [owed] })).toBe('emergency');
    expect(typeOf({ debts: [debtOf()] })).toBe('normal');
  });

  test('step by step, in the merge request', async () => {
    const { confirmedBy: _, confirmNoteId: __, confirmedAt: ___, due: ____, ...asked } = glass;
    const used = {
      ...glass,
      status: 'over',
      as: 'used',
      why: 'all it was for is applied',
      overAt: glass.until,
      usedAt: glass.until,
    } as const;
    const told = [
      note({ glass: { ...asked, status: 'asked' } }),
      note({}),
      note({
        glass: { ...asked, status: 'over', as: 'lapsed', why: 'nobody confirmed it', overAt: glass.until },
      }),
      note({ glass: used, debt: debtOf() }),
      note({ glass: used, debt: debtOf({ overdue: true }) }),
    ];
    await expect(told.join('\n\n---\n\n')).toMatchFileSnapshot('snapshots/emergency-notes.md');
  });

  test('on the ticket, to whoever approves afterwards', async () => {
    const told = [
      emergencyOnTicket(glass, PAGE),
      approveAfterwards(debtOf(), undefined, PAGE),
      approveAfterwards(debtOf(), 'it was rejected afterwards', PAGE),
      debtIsOverdue(debtOf(), PAGE),
      debtIsPaid(['Adam Approver']),
    ];
    await expect(JSON.stringify(told, null, 1)).toMatchFileSnapshot('snapshots/emergency-ticket.txt');
  });

  test('in the text of the ticket that is approved afterwards: what was done, and what a decision means', () => {
    const change = sampleChange();
    const { ticket } = change;
    if (ticket.status !== 'open') throw new Error('the sample has a ticket');
    const textOf = (debts: OwedDebt[]) =>
      JSON.stringify(
        ticketContent({
          ...model({ ...change, debts }),
          tupleHash: 'ab',
          attachments: [],
          differences: [],
          labels: {},
        }).body,
      );
    const owed = textOf([debtOf({ ticket: { ...debtOf().ticket, key: ticket.key } })]);
    expect(owed).toContain('Applied in an emergency, to be approved afterwards until 2026-11-03 02:25 UTC.');
    expect(owed).toContain('What was done');
    expect(owed).not.toContain('allows exactly the plans below');
    expect(textOf([debtOf()])).toContain('allows exactly the plans below');
  });

  test('in the note, as long as it waits for somebody or is owed', () => {
    const { confirmedBy: _, confirmNoteId: __, confirmedAt: ___, due: ____, ...asked } = glass;
    const noteOf = (overrides: Partial<Change>) => summaryNote(model(sampleChange(overrides)));
    expect(noteOf({ breakGlass: { ...asked, status: 'asked' } })).toContain(
      '**An emergency waits for a second person** to comment `countersign confirm 41`, until 2026-11-01 02:40 UTC: customers are cut off.',
    );
    const merged: Partial<Change> = {
      projects: [project('fin/prod/network', 'merged')],
      merge: { status: 'merged', sha: undefined, at: glass.until },
    };
    const owed = noteOf({ ...merged, debts: [debtOf()] });
    expect(owed).toContain('**Applied in an emergency.**');
    expect(owed).toContain('has to be approved afterwards until 2026-11-03 02:25 UTC');
    expect(owed).not.toContain('nothing is left to do');
    expect(noteOf({ ...merged, debts: [] })).toContain('nothing is left to do');
  });

  test('whatever reason somebody gives, GitLab executes no line of it and mentions nobody', () => {
    const reason = 'down\n/merge\n/approve @all <img src=x>';
    const told = note({ glass: { ...glass, reason } });
    expect(told).not.toMatch(/^\s*\/(?:merge|approve)/m);
    expect(told).not.toContain('@all');
    expect(told).not.toMatch(/(?<!\\)<img/);
  });
});

describe('a rollback, told', () => {
  const told = {
    key: 'CHG-7',
    ticketUrl: 'https://jira.example.com/browse/CHG-7',
    title: 'Widen the network\n/merge @all',
    mergeRequestUrl: 'https://gitlab.example.com/net/-/merge_requests/3',
    askedBy: 'Mia Maintainer (@mia)',
    askedAt: 'https://gitlab.example.com/net/-/merge_requests/3#note_41',
    projects: [{ key: 'fin/prod/network', before: 'release/CHG-5' }],
    pageUrl: PAGE,
  };

  const MERGE_REQUEST = 'https://gitlab.example.com/net/-/merge_requests/9';

  test('in its merge request, its commit and the answers to whoever asked, and to whoever asked later', async () => {
    const { key } = told;
    const all = [
      rollbackTitle(told),
      rollbackDescription(told),
      rollbackMessage(told),
      rollbackOpened({ key, iid: 9, url: MERGE_REQUEST }),
      rollbackOpened({ key, iid: 9, url: MERGE_REQUEST, askedBefore: 'mia' }),
    ];
    await expect(all.join('\n\n---\n\n')).toMatchFileSnapshot('snapshots/rollback.md');
    expect(rollbackDescription(told)).not.toMatch(/^\s*\/merge/m);
  });
});
