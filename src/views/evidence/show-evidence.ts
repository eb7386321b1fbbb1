import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from '#store/query.ts';
import type { Project } from '#domain/project.ts';
import { planToTell } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import { type CheckReport, checkRef } from '#domain/checks.ts';
import { demandOfAll } from '#domain/demand.ts';
import type { PlanSummary } from '#domain/plan/summarize.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import { workPlanOf } from '#domain/work-plan.ts';
import { storedChange } from '#domain/stored-change.ts';
import { readLatestCheckpoint } from '#store/audit-tree.ts';
import type { Database } from '#store/database-types.ts';
import { latestEvaluations } from '../evaluations.ts';
import type { NameOf } from '../names.ts';
import type { SettingView } from '../projects.ts';
import { afterOf } from './after-of.ts';
import { decisionOf, verdictsOf } from './decision-of.ts';
import { entriesOf } from './entries.ts';
import { executionOf } from './execution-of.ts';
import type { Evidence } from './schema.ts';
import { whoOf } from './who-of.ts';

/** All that is on record of a change (see the schema), or undefined; read under one snapshot, so that it agrees with itself. */
export async function showEvidence(
  db: Kysely<Database>,
  changeId: string,
  nameOf: NameOf,
): Promise<Evidence | undefined> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((trx) => assemble(trx, changeId, nameOf));
}

async function assemble(
  trx: Transaction<Database>,
  changeId: string,
  nameOf: NameOf,
): Promise<Evidence | undefined> {
  const row = await trx.selectFrom('changes').selectAll().where('id', '=', changeId).executeTakeFirst();
  if (row === undefined) return undefined;
  const change = storedChange(row.state);
  const entries = await entriesOf(trx, changeId);
  const runs = await plannedRuns(trx, change);
  const plans = runs.map(({ plan }) => plan);
  const gates = await latestGates(trx, changeId);
  const execution = await executionOf(trx, changeId, entries);
  const decision = decisionOf(change, entries, plans, gates);
  const checkpoint = await readLatestCheckpoint(trx);
  return {
    schema: 'countersign-evidence/1',
    identity: await identityOf(trx, change, row.status, runs, decision.kind),
    why: whyOf(change),
    what: whatOf(change, runs),
    checks: runs.flatMap(checksOf),
    gates,
    who: whoOf(change, entries, verdictsOf(change, entries), gates, nameOf),
    decision,
    execution,
    after: afterOf(change, entries, checkpoint),
  };
}

/** The run of a plan that the change stands on, or stood on when it was over. */
interface PlannedRun {
  project: string;
  plan: PlanRef;
  planText: string | null;
  summary: PlanSummary | undefined;
  checks: readonly CheckReport[];
  configuration: readonly SettingView[];
  endedAt: string | undefined;
}

async function plannedRuns(trx: Transaction<Database>, change: Change): Promise<PlannedRun[]> {
  const standing = change.projects.flatMap((project) => planToTell(project)?.planRunId ?? []);
  const rows = await trx
    .selectFrom('plan_runs')
    .distinctOn('project')
    .select(['project', 'plan', 'plan_text', 'summary', 'checks', 'configuration', 'ended_at'])
    .where('change_id', '=', change.id)
    .where('plan', 'is not', null)
    .where('project', 'in', ['', ...change.projects.map(({ key }) => key)])
    .orderBy('project')
    .orderBy((eb) => eb('id', 'in', ['', ...standing]), 'desc')
    .orderBy('queued_at', 'desc')
    .execute();
  return rows.map((row) => ({
    project: row.project,
    plan: row.plan as PlanRef,
    planText: row.plan_text,
    summary: (row.summary as PlanSummary | null) ?? undefined,
    checks: (row.checks as CheckReport[] | null) ?? [],
    configuration: (row.configuration as SettingView[] | null) ?? [],
    endedAt: row.ended_at?.toISOString(),
  }));
}

async function identityOf(
  trx: Transaction<Database>,
  change: Change,
  status: string,
  runs: readonly PlannedRun[],
  kind: Evidence['decision']['kind'],
): Promise<Evidence['identity']> {
  const { mergeRequest, ticket, url } = change;
  const key = 'key' in ticket ? ticket.key : undefined;
  const tickets = await trx
    .selectFrom('tickets')
    .select('key')
    .where('change_id', '=', change.id)
    .orderBy('number')
    .execute();
  const demand = demandOfAll(runs.map(({ plan }) => plan.demand));
  return {
    changeId: change.id,
    status,
    ...(key === undefined ? {} : { approvalId: key }),
    earlierApprovalIds: tickets.flatMap((each) => (each.key === key ? [] : each.key)),
    type: kind === 'break-glass' ? 'emergency' : kind === 'standing' ? 'standard' : 'normal',
    ...(runs.length === 0 ? {} : { tier: demand.tier }),
    tierReasons: runs.length === 0 ? [] : [...demand.reasons],
    mergeRequest: { ...mergeRequest, url },
    projects: change.projects.map((project) => ({
      key: project.key,
      dir: project.dir,
      workspace: project.workspace,
      status: project.status,
      labels: labelsOf(runs.find((run) => run.project === project.key)?.configuration ?? []),
    })),
  };
}

function labelsOf(settings: readonly SettingView[]): Record<string, string> {
  const labels = settings.flatMap(({ setting, value }) =>
    setting.startsWith('labels.') ? [[setting.slice('labels.'.length), String(value)] as const] : [],
  );
  return Object.fromEntries(labels);
}

function whyOf({ description, title }: Change): Evidence['why'] {
  const { hash, sections } = workPlanOf(description);
  const { 'fall-back': fallBack, ...rest } = sections;
  return {
    title,
    description,
    workPlan: { ...rest, ...(fallBack === undefined ? {} : { fallBack }) },
    ...(hash === undefined ? {} : { workPlanHash: hash }),
  };
}

function whatOf({ mergeRequest, projects, revision }: Change, runs: readonly PlannedRun[]): Evidence['what'] {
  return {
    repository: mergeRequest.repository,
    ...(revision === undefined
      ? {}
      : {
          revision: {
            number: revision.number,
            headSha: revision.headSha,
            baseSha: revision.baseSha,
            sourceBranch: revision.sourceBranch,
            targetBranch: revision.targetBranch,
            targetSha: revision.targetSha,
            openedAt: revision.openedAt,
            configurationHash: revision.configurationHash,
          },
        }),
    commitAuthors: [...(revision?.commitAuthors ?? [])],
    committers: [...(revision?.committers ?? [])],
    pushers: revision?.pushers === undefined ? null : [...revision.pushers],
    adjustments: projects.flatMap(adjustmentsOf),
    plans: runs.map(planOf),
  };
}

function adjustmentsOf({ key, adjustments = [] }: Project): Evidence['what']['adjustments'] {
  return adjustments.map((each) => ({
    project: key,
    kind: each.kind,
    ...(each.kind === 'import' ? { address: each.to, id: each.id } : { address: each.from }),
    by: each.by,
    comment: each.noteId,
  }));
}

function planOf({ project, plan, planText, summary }: PlannedRun): Evidence['what']['plans'][number] {
  const addresses = (verb: 'replace' | 'delete') =>
    (summary?.resources ?? []).flatMap((each) => (each.verb === verb ? [each.address] : []));
  return {
    project,
    planRunId: plan.planRunId,
    digest: plan.digest,
    bundleSha256: plan.bundleHash,
    counts: plan.counts,
    replaced: addresses('replace'),
    destroyed: addresses('delete'),
    ...(planText === null
      ? {}
      : { redactedPlan: { sha256: createHash('sha256').update(planText).digest('hex'), text: planText } }),
    terraformVersion: plan.terraformVersion,
    providers: { ...plan.providers },
    lockFileHash: plan.lockFileHash,
    moduleTreeHash: plan.moduleTreeHash,
    inputsId: plan.inputsId,
    configurationHash: plan.configurationHash,
    policyHash: plan.policyHash,
    stateBefore: plan.state,
    plannedAt: plan.plannedAt,
  };
}

function checksOf({ project, plan, checks, endedAt }: PlannedRun): Evidence['checks'] {
  return checks.map((report) => ({
    project,
    name: report.name,
    severity: report.severity,
    result: report.result,
    examined: report.examined,
    found: report.found,
    findings: report.findings.map(({ where, result, message }) => ({ where, result, message })),
    digest: checkRef(report).digest,
    input: plan.digest,
    policyHash: plan.policyHash,
    ...(endedAt === undefined ? {} : { at: endedAt }),
  }));
}

/** What the gates answered last for each project. */
async function latestGates(trx: Transaction<Database>, changeId: string): Promise<Evidence['gates']> {
  return [...(await latestEvaluations(trx, changeId))].map(([project, { at, go, id, results }]) => ({
    project,
    evaluationId: id,
    at,
    go,
    results: results.map(({ gate, answer, reason, evidence }) => ({ gate, answer, reason, evidence })),
  }));
}
