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
import { aliasesFrom, type NameOf, namesFrom } from './names.ts';
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
  /** The name of a person of the directory; their id, where it has none. */
  nameOfPerson(id: string): Promise<string>;
  showHead(): Promise<LogHead>;
  /** Up to `limit` entries before index `before` (the newest by default), newest first. */
  listEntries(before: number | undefined, limit: number): Promise<LogEntries>;
  showEntry(index: number): Promise<AuditEntryView | undefined>;
}

/** Read models over the database. The directory, as `people` knows it now, puts names to the opaque ids of the evidence. */
export function createViews(db: Kysely<Database>, people: () => Promise<readonly Person[]>): Views {
  let book: { people: readonly Person[]; nameOf: NameOf } | undefined;
  const nameOf = async () => {
    const known = await people();
    if (book?.people !== known) book = { people: known, nameOf: namesFrom(known) };
    return book.nameOf;
  };
  return {
    listChanges: async (filters, cursor) =>
      listChanges(db, { aliases: aliasesFrom(await people()), nameOf: await nameOf() }, filters, cursor),
    showChange: async (id) => showChange(db, id, await nameOf()),
    showEvidence: async (id) => showEvidence(db, id, await nameOf()),
    findChangeByApproval: (key) => findChangeByApproval(db, key),
    showRun: (changeId, runId) => showRun(db, changeId, runId),
    readOutput: (runId, seq, limit) => readOutput(db, runId, seq, limit),
    listDebts: async () => listDebts(db, await nameOf()),
    listHolds: (project) => listHolds(db, project),
    listMandates: async () => listMandates(db, await nameOf()),
    nameOfPerson: async (id) => (await nameOf())({ kind: 'person', id }) ?? id,
    showHead: () => showHead(db),
    listEntries: async (before, limit) => listEntries(db, await nameOf(), before, limit),
    showEntry: async (index) => showEntry(db, await nameOf(), index),
  };
}
