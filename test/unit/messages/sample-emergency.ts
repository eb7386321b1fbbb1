import type { ConfirmedGlass } from '#domain/break-glass.ts';
import type { Debt, OwedDebt } from '#domain/change.ts';
import { olga, otto } from '#test/unit/core/facts.ts';
import { sampleChange } from './sample-change.ts';

/** An emergency of the sample change's network, asked for by one operator and confirmed by another. */
export const glass: ConfirmedGlass = {
  status: 'confirmed',
  noteId: 41,
  by: { ...olga, name: 'Olga Operator' },
  reason: 'customers are cut off',
  askedAt: '2026-11-01T02:10:00Z',
  until: '2026-11-01T02:40:00Z',
  revision: 1,
  tupleHash: 'ab',
  projects: ['fin/prod/network'],
  tier: 'emergency',
  waives: ['ticket-approved', 'approver-allowed', 'not-frozen'],
  blockWhileUnpaid: 'project',
  confirmedBy: otto,
  confirmNoteId: 42,
  confirmedAt: '2026-11-01T02:25:00Z',
  due: '2026-11-03T02:25:00Z',
};

/** What was applied under it, while nobody has approved it yet. */
export function debtOf(rest: Partial<OwedDebt> = {}): OwedDebt {
  const { revision } = sampleChange();
  if (revision === undefined) throw new Error('the sample has a revision');
  return {
    status: 'owed',
    ticket: { number: 1, key: 'CHG-7', url: 'https://jira.example.com/browse/CHG-7' },
    glass,
    tupleHash: 'ab',
    projects: glass.projects,
    usedAt: '2026-11-01T02:26:00Z',
    due: glass.due,
    review: { status: 'presenting', round: 3 },
    revision,
    plans: [],
    rejections: [],
    ...rest,
  };
}

/** The same, once somebody has. */
export function paidDebtOf(rest: Partial<PaidDebt> = {}): PaidDebt {
  const { plans: _, rejections: __, review: ___, revision: ____, ...debt } = debtOf();
  return { ...debt, status: 'paid', paidAt: '2026-11-02T08:00:00.000Z', verdicts: [], ...rest };
}

type PaidDebt = Extract<Debt, { status: 'paid' }>;
