import { randomBytes } from 'node:crypto';
import type { Actor } from '#domain/audit/actor.ts';
import type { Change, MergeRequestRef } from '#domain/change.ts';
import type { Decision } from '#domain/decision.ts';
import type { TagPicture } from '#domain/tag-standing.ts';
import { hashLeaf, sameHash } from '#domain/audit/merkle.ts';
import {
  type AttemptOwner,
  type AttemptRow,
  beat,
  ownAttempt,
  readApplyDiagnostics,
  readAttempt,
  readOpenAttempts,
  requestInterrupt,
} from '#store/attempts.ts';
import { readEntriesOfChange, readHead } from '#store/audit.ts';
import {
  addToCounter,
  databaseNow,
  type Published,
  readCursor,
  readEvaluationTime,
  readHold,
  readPublished,
  readTakenCommands,
  writeCursor,
  writePublished,
} from '#store/bookkeeping.ts';
import {
  findChange,
  findChangeByTicket,
  findOrCreateChange,
  readChange,
  readOpenChanges,
} from '#store/changes.ts';
import { type HookRow, seeHooks } from '#store/code-host-hooks.ts';
import type { Database } from '#store/database-types.ts';
import { readUnpaidDebts } from '#store/debts.ts';
import { endDelivery, readDelivery } from '#store/deliveries.ts';
import {
  appendOutput,
  countOutput,
  isPlanRunWanted,
  type NewLine,
  type PastPlan,
  readApprovedPlans,
  readOverduePlans,
  readPastPlans,
  readToldPlans,
  readPlanFiles,
  startPlanRun,
  stopPlanRun,
} from '#store/plan-runs.ts';
import type { Kysely } from '#store/query.ts';
import {
  beginRollback,
  noteRollback,
  readRollback,
  type Rollback,
  type RollbackAsker,
} from '#store/rollbacks.ts';
import { readTag, readTags } from '#store/release-tags.ts';
import { forgetSweepFault, noteSweepFault, readSweepFaults, type SweepFault } from '#store/sweep-faults.ts';
import { seeWorker, type WorkerRow } from '#store/workers.ts';
import { createMandateBooks } from './mandates/books.ts';
import { type Recording, recordFact } from './record-fact.ts';
import { seeForeignTag } from './see-foreign-tag.ts';

export type { Rollback, RollbackAsker };
export type { AttemptOwner, AttemptRow, HookRow, NewLine, PastPlan, Published, Recording, SweepFault };

/** What workers may read and write. Changes move through `record` alone; the rest keeps the books of running work. */
export type Ledger = ReturnType<typeof createLedger>;

/** The ledger over a database. */
export function createLedger(db: Kysely<Database>) {
  return {
    record: (recording: Recording): Promise<Decision> => recordFact(db, recording),
    now: () => databaseNow(db),

    change: (id: string): Promise<Change | undefined> => readChange(db, id),
    /** The change of a merge request, begun when nobody asked about it before. */
    noticeMergeRequest: (ref: MergeRequestRef) => findOrCreateChange(db, ref, freshChangeId()),
    changeOf: (ref: MergeRequestRef) => findChange(db, ref),
    changeOfTicket: (key: string) => findChangeByTicket(db, key),
    openChanges: (repository: number, targetBranch?: string) => readOpenChanges(db, repository, targetBranch),

    delivery: (id: number) => readDelivery(db, id),
    endDelivery: (id: number, result: string) => endDelivery(db, id, result),
    takenCommands: (repository: number, notes: readonly number[]) => readTakenCommands(db, repository, notes),

    startPlanRun: (id: string) => startPlanRun(db, id),
    stopPlanRun: (id: string) => stopPlanRun(db, id),
    isPlanRunWanted: (id: string) => isPlanRunWanted(db, id),
    planFiles: (ids: readonly string[]) => readPlanFiles(db, ids),
    toldPlans: (ids: readonly string[]) => readToldPlans(db, ids),
    pastPlans: (changeId: string, present: ReadonlyMap<string, string>) =>
      readPastPlans(db, changeId, present),
    approvedPlans: (changeId: string) => readApprovedPlans(db, changeId),
    overduePlans: (olderThanSeconds: number) => readOverduePlans(db, olderThanSeconds),
    appendOutput: (runId: string, lines: readonly NewLine[]) => appendOutput(db, runId, lines),
    countOutput: (runId: string, stream: string) => countOutput(db, runId, stream),

    attempt: (id: string) => readAttempt(db, id),
    applyDiagnostics: (attempts: readonly string[]) => readApplyDiagnostics(db, attempts),
    openAttempts: () => readOpenAttempts(db),
    ownAttempt: (id: string, expectedEpoch: number, owner: AttemptOwner) =>
      ownAttempt(db, id, expectedEpoch, owner),
    beat: (id: string, epoch: number, terraform?: { pid: number; start: string }) =>
      beat(db, id, epoch, terraform),
    requestInterrupt: (id: string) => requestInterrupt(db, id),

    beginRollback: (rollback: Rollback) => beginRollback(db, rollback),
    rollback: (repository: number, branch: string) => readRollback(db, repository, branch),
    noteRollback: (rollback: Rollback, made: { sha: string } | { iid: number }) =>
      noteRollback(db, rollback, made),
    unpaidDebts: () => readUnpaidDebts(db),
    evaluatedAt: (evaluationId: string) => readEvaluationTime(db, evaluationId),
    hold: (repository: number, project: string) => readHold(db, repository, project),
    published: (changeId: string, kind: string) => readPublished(db, changeId, kind),
    setPublished: (changeId: string, kind: string, published: Published) =>
      writePublished(db, changeId, kind, published),
    seeWorker: (worker: WorkerRow) => seeWorker(db, worker),
    seeHooks: (repository: number, hooks: readonly HookRow[]) => seeHooks(db, repository, hooks),
    count: (name: string, by: number) => addToCounter(db, name, by),
    cursor: (name: string) => readCursor(db, name),
    setCursor: (name: string, at: string) => writeCursor(db, name, at),
    releaseTags: (repository: number) => readTags(db, repository),
    releaseTag: (repository: number, tag: string) => readTag(db, repository, tag),
    /** Of a ticket that no change has; those of changes are seen by a fact. False when it was known. */
    seeForeignTag: (
      place: { repository: number; tag: string },
      found: TagPicture | undefined,
      actor: Actor,
    ) => seeForeignTag(db, place, found, actor),
    sweepFaults: () => readSweepFaults(db),
    noteSweepFault: (fault: Omit<SweepFault, 'tries' | 'beganAt'>) => noteSweepFault(db, fault),
    forgetSweepFault: (fault: Pick<SweepFault, 'step' | 'item'>) => forgetSweepFault(db, fault),
    auditOf: (changeId: string) => auditOf(db, changeId),
    mandates: createMandateBooks(db),
  };
}

/** How many entries a change has, and whether each is in the log as it was written. */
async function auditOf(
  db: Kysely<Database>,
  changeId: string,
): Promise<{ entries: number; covered: boolean }> {
  // In this order: the log only grows, so a head that is read later covers whatever was read before.
  const entries = await readEntriesOfChange(db, changeId);
  const head = await readHead(db);
  const covered = entries.every(
    ({ envelope, leafHash, index }) =>
      index < head.size && sameHash(hashLeaf(Buffer.from(envelope)), leafHash),
  );
  return { entries: entries.length, covered: covered && entries.length > 0 };
}

/** Opaque, unguessable, and fit for labels, markers and file names. */
function freshChangeId(): string {
  return `chg${randomBytes(10).toString('hex')}`;
}
