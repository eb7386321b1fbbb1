import type { Kysely } from '#store/query.ts';
import type { Person } from '#domain/gates/evidence.ts';
import type { Database } from '#store/database-types.ts';
import {
  type AuditEntryView,
  type LogEntries,
  type LogHead,
  listEntries,
  showEntry,
  showHead,
} from './audit-log.ts';
import type { Evidence } from './evidence/schema.ts';
import { showEvidence } from './evidence/show-evidence.ts';
import { type ChangeFilters, type ChangeList, findChangeByApproval, listChanges } from './list-changes.ts';
import { type DebtRow, listDebts } from './list-debts.ts';
import { type HoldList, listHolds } from './list-holds.ts';
import { type MandateList, listMandates } from './list-mandates.ts';
import { aliasesFrom, namesFrom } from './names.ts';
import { type OutputLine, type RunView, readOutput, showRun } from './run-output.ts';
import { type ChangeView, showChange } from './show-change.ts';

/** Everything that pages and the JSON API read. Nothing here writes. */
export interface Views {
  listChanges(filters: ChangeFilters, cursor?: string): Promise<ChangeList>;
  showChange(id: string): Promise<ChangeView | undefined>;
  /** All that is on record of a change, for whoever has to be shown it. */
  showEvidence(id: string): Promise<Evidence | undefined>;
  /** The id of the change that a ticket key belongs to, in any case. */
  findChangeByApproval(key: string): Promise<string | undefined>;
  /** A plan run or an attempt of that change. */
  showRun(changeId: string, runId: string): Promise<RunView | undefined>;
  /** At most `limit` lines after `seq`, in order. */
  readOutput(runId: string, seq: number, limit: number): Promise<OutputLine[]>;
  /** What was applied in an emergency and is not approved yet. */
  listDebts(): Promise<DebtRow[]>;
  /** Projects that are held; `project` is part of a key. */
  listHolds(project?: string): Promise<HoldList>;
  /** Standing approvals and operator grants. */
  listMandates(): Promise<MandateList>;
  showHead(): Promise<LogHead>;
  /** Up to `limit` entries before index `before` (the newest by default), newest first. */
  listEntries(before: number | undefined, limit: number): Promise<LogEntries>;
  showEntry(index: number): Promise<AuditEntryView | undefined>;
}

/** Read models over the database. The directory of people puts names to the opaque ids of the evidence. */
export function createViews(db: Kysely<Database>, people: readonly Person[]): Views {
  const nameOf = namesFrom(people);
  const aliases = aliasesFrom(people);
  return {
    listChanges: (filters, cursor) => listChanges(db, aliases, filters, cursor),
    showChange: (id) => showChange(db, id, nameOf),
    showEvidence: (id) => showEvidence(db, id, nameOf),
    findChangeByApproval: (key) => findChangeByApproval(db, key),
    showRun: (changeId, runId) => showRun(db, changeId, runId),
    readOutput: (runId, seq, limit) => readOutput(db, runId, seq, limit),
    listDebts: () => listDebts(db, nameOf),
    listHolds: (project) => listHolds(db, project),
    listMandates: () => listMandates(db, nameOf),
    showHead: () => showHead(db),
    listEntries: (before, limit) => listEntries(db, nameOf, before, limit),
    showEntry: (index) => showEntry(db, nameOf, index),
  };
}
