import { type Kysely, sql } from '#store/query.ts';
import type { Database } from '#store/database-types.ts';
import type { NameOf } from './names.ts';

/** What was applied in an emergency and nobody has approved yet. */
export interface DebtRow {
  changeId: string;
  title: string;
  /** Number of the merge request. */
  iid: number;
  /** The ticket that it is approved on. */
  ticketKey: string;
  projects: string[];
  reason: string;
  /** Names, where the directory knows them. */
  askedBy: string;
  confirmedBy: string;
  usedAt: string;
  dueAt: string;
  /** How often it was rejected afterwards. */
  rejections: number;
  isOverdue: boolean;
}

/** Unpaid debts, the one that is due first in front. */
export async function listDebts(db: Kysely<Database>, nameOf: NameOf): Promise<DebtRow[]> {
  const rows = await db
    .selectFrom('debts')
    .innerJoin('changes', 'changes.id', 'debts.change_id')
    .selectAll('debts')
    .select(['changes.title', sql<boolean>`debts.due_at < now()`.as('past_due')])
    .where('paid_at', 'is', null)
    .orderBy('due_at')
    .orderBy('ticket_key')
    .execute();
  const name = (id: string) => nameOf({ kind: 'person', id }) ?? id;
  return rows.map((row) => ({
    changeId: row.change_id,
    title: row.title,
    iid: row.iid,
    ticketKey: row.ticket_key,
    projects: row.projects,
    reason: row.reason,
    askedBy: name(row.asked_by),
    confirmedBy: name(row.confirmed_by),
    usedAt: row.used_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    rejections: row.rejections,
    isOverdue: row.past_due,
  }));
}
