import type { Kysely, Transaction } from 'kysely';
import type { DebtRef } from '#domain/break-glass.ts';
import type { Change, Debt } from '#domain/change.ts';
import type { Database } from './database-types.ts';

/** Keeps the table of debts as the aggregate says; called in the transaction that saves it. */
export async function projectDebts(trx: Transaction<Database>, before: Change, after: Change): Promise<void> {
  const known = new Set(before.debts);
  const { id, mergeRequest } = after;
  for (const debt of after.debts ?? []) {
    if (known.has(debt)) continue;
    const moved = {
      overdue: debt.status === 'owed' && debt.overdue === true,
      paid_at: debt.status === 'paid' ? new Date(debt.paidAt) : null,
      ...(debt.status === 'owed' ? { rejections: debt.rejections.length } : {}),
    };
    await trx
      .insertInto('debts')
      .values({ ...toRow(debt), change_id: id, ...mergeRequest, ...moved })
      .onConflict((conflict) => conflict.column('ticket_key').doUpdateSet(moved))
      .execute();
  }
}

function toRow({ due, glass, projects, ticket, usedAt }: Debt) {
  return {
    ticket_key: ticket.key,
    projects: [...projects],
    reason: glass.reason,
    asked_by: glass.by.person ?? glass.by.username,
    confirmed_by: glass.confirmedBy.person ?? glass.confirmedBy.username,
    used_at: new Date(usedAt),
    due_at: new Date(due),
  };
}

/** Debts of all changes that are not paid, the one that is due first in front. */
export async function readUnpaidDebts(db: Kysely<Database>): Promise<(DebtRef & { overdue: boolean })[]> {
  const rows = await db
    .selectFrom('debts')
    .select(['change_id', 'ticket_key', 'repository', 'projects', 'due_at', 'overdue'])
    .where('paid_at', 'is', null)
    .orderBy('due_at')
    .execute();
  return rows.map((row) => ({
    changeId: row.change_id,
    key: row.ticket_key,
    repository: row.repository,
    projects: row.projects,
    due: row.due_at.toISOString(),
    overdue: row.overdue,
  }));
}
