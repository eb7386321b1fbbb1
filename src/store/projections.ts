import type { Transaction } from 'kysely';
import { sql } from 'kysely';
import { plannedProjects } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import type { Decision, DecisionEntry } from '#domain/decision.ts';
import type { Effect } from '#domain/effect.ts';
import type { Fact } from '#domain/fact.ts';
import type { MandateUsed } from '#domain/mandate-uses.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import type { PlanSummary } from '#domain/plan/summarize.ts';
import { projectAttempt } from './attempts.ts';
import type { Database } from './database-types.ts';
import { projectDebts } from './debts.ts';
import { projectTags } from './release-tags.ts';
import { enterUses, type NewUse } from './mandate-uses.ts';

type Trx = Transaction<Database>;

/** What belongs to a fact but is too large for it; written in the same transaction. */
export interface Attachment {
  planRun?: {
    summary?: PlanSummary;
    /** Redacted; what is attached to the ticket. */
    planJson?: string;
    planText?: string;
    checks?: unknown;
    diagnostics?: unknown;
    /** What was configured, as `config explain` tells it. */
    configuration?: unknown;
    timings?: Record<string, number>;
  };
  gateResults?: readonly {
    project: string;
    evaluationId: string;
    purpose: string;
    go: boolean;
    results: unknown;
  }[];
  erroredState?: Buffer;
  attempt?: { diagnostics: readonly Diagnostic[] };
}

/** Writes what people search and workers lease, from what the core decided. Only `record-fact` calls this. */
export async function project(
  trx: Trx,
  before: Change,
  after: Change,
  fact: Fact,
  { effects, entries }: Pick<Decision, 'effects' | 'entries'>,
  attachment: Attachment,
): Promise<void> {
  await projectRevision(trx, before, after);
  await projectTicket(trx, before, after);
  await queuePlanRuns(trx, after, effects);
  await endPlanRun(trx, fact, attachment);
  await markApproved(trx, before, after);
  await takeCommand(trx, after, fact);
  await projectAttempt(trx, before, after, fact, attachment);
  await projectHolds(trx, before, after);
  await confirmHolder(trx, before, after, fact);
  await projectDebts(trx, before, after);
  await projectTags(trx, after, fact);
  await insertGateResults(trx, after, attachment);
  await enterUses(trx, after, entries.flatMap(usedIn));
}

/** What the core says was done under a mandate, in the entry of that name. */
function usedIn({ details, type }: DecisionEntry): NewUse[] {
  if (type !== 'mandate-used') return [];
  const { id: mandate, project: key, reference } = details as unknown as MandateUsed;
  return [{ mandate, project: key, reference }];
}

async function projectRevision(trx: Trx, before: Change, after: Change): Promise<void> {
  const { revision } = after;
  if (revision === before.revision) return;
  if (before.revision !== undefined) {
    await trx
      .updateTable('revisions')
      .set({ ended_at: sql`clock_timestamp()`, projects: JSON.stringify(before.projects.map(standing)) })
      .where('change_id', '=', before.id)
      .where('number', '=', before.revision.number)
      .execute();
  }
  if (revision === undefined) return;
  await trx
    .insertInto('revisions')
    .values({
      change_id: after.id,
      number: revision.number,
      head_sha: revision.headSha,
      opened_at: new Date(revision.openedAt),
    })
    .execute();
}

/** How a project of an ended revision stood: enough for the history, without what belongs to its plan run. */
function standing(each: Project): object {
  return { key: each.key, status: each.status };
}

async function projectTicket(trx: Trx, { ticket: before }: Change, { id, ticket }: Change): Promise<void> {
  if (ticket.status === 'open' && before.status !== 'open') {
    const { key, number, url } = ticket;
    await trx.insertInto('tickets').values({ key, change_id: id, number, url }).execute();
  }
  if (before.status === 'open' && (ticket.status !== 'open' || ticket.key !== before.key)) {
    const outcome = ticket.status === 'closed' ? ticket.outcome : 'superseded';
    await trx
      .updateTable('tickets')
      .set({ closed_at: sql`clock_timestamp()`, outcome })
      .where('key', '=', before.key)
      .execute();
  }
}

async function queuePlanRuns(trx: Trx, change: Change, effects: readonly Effect[]): Promise<void> {
  const { revision } = change;
  const rows = effects.flatMap((effect) =>
    effect.type === 'run-plan' && revision !== undefined ? [effect] : [],
  );
  if (rows.length === 0 || revision === undefined) return;
  await trx
    .insertInto('plan_runs')
    .values(
      rows.map(({ planRunId, project: key }) => ({
        id: planRunId,
        change_id: change.id,
        revision: revision.number,
        project: key,
        head_sha: revision.headSha,
      })),
    )
    .execute();
}

/** The comment's own row: a second recording of the same comment violates its key and does not happen. */
async function takeCommand(trx: Trx, { id, mergeRequest }: Change, fact: Fact): Promise<void> {
  if (fact.type !== 'command-received') return;
  const row = { repository: mergeRequest.repository, note_id: fact.noteId, change_id: id };
  await trx.insertInto('commands').values(row).execute();
}

async function endPlanRun(trx: Trx, fact: Fact, { planRun }: Attachment): Promise<void> {
  if (fact.type !== 'plan-run-ended') return;
  const { outcome } = fact;
  await trx
    .updateTable('plan_runs')
    .set({
      status: outcome.kind,
      ended_at: sql`clock_timestamp()`,
      reason: outcome.kind === 'failed' ? outcome.reason : null,
      digest:
        outcome.kind === 'planned'
          ? outcome.plan.digest
          : outcome.kind === 'no-changes'
            ? outcome.digest
            : null,
      bundle_hash: outcome.kind === 'planned' ? outcome.plan.bundleHash : null,
      plan: outcome.kind === 'planned' ? JSON.stringify(outcome.plan) : null,
      summary: json(planRun?.summary),
      plan_json: planRun?.planJson ?? null,
      plan_text: planRun?.planText ?? null,
      checks: json(planRun?.checks),
      diagnostics: json(planRun?.diagnostics),
      configuration: json(planRun?.configuration),
      timings: json(planRun?.timings),
    })
    .where('id', '=', fact.planRunId)
    .where('status', 'in', ['queued', 'running'])
    .execute();
}

/** Rows are taken in order of their keys, so that two changes that want the same ones never lock each other out. */
/** Which plans a person approved; taken back when that approval turns out not to count for the very same plans. */
async function markApproved(trx: Trx, before: Change, after: Change): Promise<void> {
  const [was, is] = [approvedTuple(before), approvedTuple(after)];
  if (was === is) return;
  const taken = is === undefined && was !== undefined && was === tupleInFront(after);
  if (is === undefined && !taken) return;
  const planRunIds = plannedProjects(after).map(({ plan }) => plan.planRunId);
  await trx
    .updateTable('plan_runs')
    .set({ approved_at: taken ? null : sql`clock_timestamp()` })
    .where('id', 'in', ['', ...planRunIds])
    .execute();
}

function approvedTuple({ ticket }: Change): string | undefined {
  return ticket.status === 'open' && ticket.review.status === 'approved'
    ? ticket.review.tupleHash
    : undefined;
}

function tupleInFront({ ticket }: Change): string | undefined {
  return ticket.status === 'open' && 'tupleHash' in ticket.review ? ticket.review.tupleHash : undefined;
}

async function projectHolds(trx: Trx, before: Change, after: Change): Promise<void> {
  const held = new Map(before.holds.map((hold) => [hold.project, hold]));
  const wanted = new Map(after.holds.map((hold) => [hold.project, hold]));
  const { repository } = after.mergeRequest;
  for (const key of [...held.keys()].toSorted()) {
    if (wanted.has(key)) continue;
    await trx
      .deleteFrom('holds')
      .where('repository', '=', repository)
      .where('project', '=', key)
      .where('change_id', '=', after.id)
      .execute();
  }
  const taken = after.holds.filter((hold) => held.get(hold.project) !== hold);
  for (const hold of taken.toSorted((a, b) => (a.project < b.project ? -1 : 1))) {
    const { project: key, attemptId, quarantined } = hold;
    const row = { attempt_id: attemptId ?? null, quarantined: quarantined ?? null };
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('holds')
      .values({ repository, project: key, change_id: after.id, ...row })
      .onConflict((conflict) =>
        conflict.columns(['repository', 'project']).doUpdateSet(row).where('holds.change_id', '=', after.id),
      )
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 0n) throw new HeldByAnotherChange(key);
  }
}

/**
 * Whoever is said to hold the project holds it until this is committed; so when they let go, they find this change among
 * those that wait. Otherwise it would wait for nobody.
 */
async function confirmHolder(trx: Trx, before: Change, after: Change, fact: Fact): Promise<void> {
  if (fact.type !== 'project-held' || before === after) return;
  const row = await trx
    .selectFrom('holds')
    .select('change_id')
    .where('repository', '=', after.mergeRequest.repository)
    .where('project', '=', fact.project)
    .where('change_id', '=', fact.by.changeId)
    .forShare()
    .executeTakeFirst();
  if (row === undefined) throw new HoldIsGone(fact.project);
}

/** Thrown out of the transaction, so that the claim it was part of has not happened. */
export class HeldByAnotherChange extends Error {
  readonly code = 'held-by-another-change';
  readonly retryable = false;

  constructor(key: string) {
    super(`another change holds ${key}`);
  }
}

/** Thrown out of the transaction: there is nothing to wait for any more. */
export class HoldIsGone extends Error {
  readonly code = 'hold-gone';
  readonly retryable = true;

  constructor(key: string) {
    super(`nobody else holds ${key} any more, or somebody else than before`);
  }
}

async function insertGateResults(trx: Trx, change: Change, { gateResults }: Attachment): Promise<void> {
  for (const { project: key, evaluationId, purpose, go, results } of gateResults ?? []) {
    await trx
      .insertInto('gate_evaluations')
      .values({
        id: evaluationId,
        project: key,
        change_id: change.id,
        revision: change.revision?.number ?? 0,
        purpose,
        go,
        results: JSON.stringify(results),
      })
      .onConflict((conflict) => conflict.columns(['id', 'project']).doNothing())
      .execute();
  }
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
