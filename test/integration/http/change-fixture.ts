import { DEFAULT_DEMAND } from '#domain/demand.ts';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { formatCheckpointText } from '#domain/audit/checkpoint.ts';
import { completeSubtrees, foldSubtrees } from '#domain/audit/merkle.ts';
import { formatNote } from '#domain/audit/signed-note.ts';
import type { AuditEntryInput } from '#domain/audit/entry.ts';
import type { Change } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import { changeStatus } from '#domain/change-status.ts';
import type { GateResult } from '#domain/gates/evidence.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import type { AttributeChange, PlanSummary, ResourceSummary, Verb } from '#domain/plan/summarize.ts';
import { appendAudit } from '#store/audit.ts';
import { fileCheckpoint, growTree, readNodes } from '#store/audit-tree.ts';
import type { OpenDatabase } from '#store/database.ts';

type Db = OpenDatabase['db'];

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const HEAD = digestOf('head').slice(0, 40);
const BASE = digestOf('base').slice(0, 40);

/** A change of merge request `!iid` as the core would have it, waiting for its approval unless told otherwise. */
export function aChange(iid: number, parts: Partial<Change> = {}): Change {
  const id = `c${iid}`;
  return {
    id,
    mergeRequest: { repository: 7, iid },
    url: `https://gitlab.example.com/infra/live/-/merge_requests/${iid}`,
    title: `Change ${iid}`,
    description: '',
    author: { id: 11, username: 'ada' },
    revision: {
      number: 1,
      headSha: HEAD,
      baseSha: BASE,
      targetBranch: 'main',
      targetSha: BASE,
      sourceBranch: `feature/${iid}`,
      commitAuthors: ['ada@example.com'],
      committers: ['ada@example.com'],
      pushers: [11],
      configurationHash: digestOf('configuration'),
      openedAt: '2026-11-20T09:00:00.000Z',
    },
    projects: [aProject(id, 'biz/dev/network')],
    ticket: { status: 'none', number: 0 },
    release: { status: 'none' },
    merge: { status: 'open' },
    holds: [],
    wave: 0,
    waiting: [],
    requested: [],
    counters: { revisions: 1, planRuns: 1, evaluations: 0 },
    ...parts,
  };
}

type Parts = { status: Project['status'] } & Record<string, unknown>;

/** A project of a change in any status; `parts` carries what that status knows. */
export function aProject(
  changeId: string,
  key: string,
  parts: Parts = { status: 'awaiting-approval' },
): Project {
  const [dir = key, workspace = 'default'] = key.split(':');
  return {
    key,
    name: key,
    dir,
    workspace,
    applyOn: 'command',
    holdFrom: 'apply',
    wave: 0,
    after: [],
    declaresApprovalId: false,
    inputsId: digestOf(`inputs of ${key}`),
    inputPaths: [dir],
    plan: aPlanRef(changeId, key),
    ...parts,
  } as Project;
}

const runIdOf = (changeId: string, key: string): string => `${changeId}.${key.replaceAll(/[^a-z]/g, '-')}.p1`;

export function aPlanRef(changeId: string, key: string, counts: Partial<PlanRef['counts']> = {}): PlanRef {
  return {
    planRunId: runIdOf(changeId, key),
    digest: digestOf(`${changeId} ${key}`),
    counts: {
      create: 0,
      update: 0,
      delete: 0,
      replace: 0,
      import: 0,
      move: 0,
      forget: 0,
      outputs: 0,
      ...counts,
    },
    checks: [],
    demand: DEFAULT_DEMAND,
    policyHash: digestOf('policy'),
    configurationHash: digestOf('configuration'),
    terraformVersion: '1.11.4',
    lockFileHash: digestOf('lock'),
    moduleTreeHash: digestOf('modules'),
    inputsId: digestOf(`inputs of ${key}`),
    headSha: HEAD,
    bundleHash: digestOf(`bundle ${changeId} ${key}`),
    state: { lineage: '6a1c', serial: '41' },
    plannedAt: '2026-11-20T09:02:00.000Z',
  };
}

export function aSummary(resources: ResourceSummary[] = [], parts: Partial<PlanSummary> = {}): PlanSummary {
  const count = (verb: Verb) => resources.filter((each) => each.verb === verb).length;
  return {
    counts: {
      create: count('create'),
      update: count('update'),
      delete: count('delete'),
      replace: count('replace'),
      forget: 0,
      import: 0,
      move: 0,
      outputs: parts.outputs?.length ?? 0,
    },
    resources,
    outputs: [],
    drift: [],
    checks: [],
    warnings: [],
    ...parts,
  };
}

export function aResource(
  address: string,
  verb: Verb,
  changes: Partial<AttributeChange>[] = [],
  parts: Partial<ResourceSummary> = {},
): ResourceSummary {
  const [type = '', name = ''] = address.split('.').slice(-2);
  const rows = changes.map((change) => ({
    path: ['id'],
    sensitive: false,
    unknown: false,
    forcesReplacement: false,
    ...change,
  }));
  return {
    address,
    type,
    name,
    provider: 'registry.terraform.io/hashicorp/aws',
    actions: [verb],
    verb,
    changes: rows,
    ...parts,
  };
}

export interface Moments {
  createdAt?: string;
  updatedAt?: string;
}

/** Stores a change with its ticket, and a plan run for each project that has a plan. */
export async function insertChange(
  db: Db,
  change: Change,
  summaries: Record<string, PlanSummary> = {},
  moments: Moments = {},
): Promise<void> {
  const { ticket, revision } = change;
  const key = 'key' in ticket ? ticket.key : undefined;
  const created = moments.createdAt ?? '2026-11-20T09:00:00Z';
  await db
    .insertInto('changes')
    .values({
      id: change.id,
      repository: change.mergeRequest.repository,
      iid: change.mergeRequest.iid,
      state: JSON.stringify(change),
      status: changeStatus(change),
      title: change.title,
      url: change.url,
      author_id: change.author.id,
      author_username: change.author.username,
      head_sha: revision?.headSha ?? null,
      target_branch: revision?.targetBranch ?? null,
      approval_id: key ?? null,
      created_at: new Date(created),
      updated_at: new Date(moments.updatedAt ?? created),
    })
    .execute();
  if ('url' in ticket) {
    await db
      .insertInto('tickets')
      .values({
        key: ticket.key,
        change_id: change.id,
        number: ticket.number,
        url: ticket.url,
        opened_at: new Date('2026-11-20T09:02:30Z'),
      })
      .execute();
  }
  for (const project of change.projects) {
    if ('plan' in project)
      await insertPlanRun(db, change, project.key, project.plan, summaries[project.key] ?? aSummary());
  }
}

async function insertPlanRun(
  db: Db,
  change: Change,
  project: string,
  plan: PlanRef,
  summary: PlanSummary,
): Promise<void> {
  await db
    .insertInto('plan_runs')
    .values({
      id: plan.planRunId,
      change_id: change.id,
      revision: 1,
      project,
      head_sha: plan.headSha,
      status: 'planned',
      digest: plan.digest,
      bundle_hash: plan.bundleHash,
      summary: JSON.stringify(summary),
      plan: JSON.stringify(plan),
      started_at: new Date('2026-11-20T09:01:00Z'),
      ended_at: new Date(plan.plannedAt),
    })
    .execute();
}

export function aGate(
  gate: GateResult['gate'],
  answer: GateResult['answer'],
  reason: string,
  parts: Partial<GateResult> = {},
): GateResult {
  return { gate, answer, reason, remedy: '', evidence: {}, ...parts };
}

export async function insertEvaluation(
  db: Db,
  changeId: string,
  project: string,
  results: GateResult[],
): Promise<void> {
  await db
    .insertInto('gate_evaluations')
    .values({
      id: `${changeId}.e1`,
      project,
      change_id: changeId,
      revision: 1,
      purpose: 'apply',
      go: results.every(({ answer }) => answer === 'yes'),
      results: JSON.stringify(results),
      at: new Date('2026-11-20T10:15:00Z'),
    })
    .execute();
}

/** An attempt on the project's plan, running unless it has an outcome. */
export async function insertAttempt(
  db: Db,
  changeId: string,
  project: string,
  outcome?: string,
  by?: object,
): Promise<string> {
  const planRunId = runIdOf(changeId, project);
  const id = `${planRunId}.apply`;
  await db
    .insertInto('attempts')
    .values({
      id,
      change_id: changeId,
      revision: 1,
      project,
      plan_run_id: planRunId,
      bundle_hash: digestOf(`bundle ${changeId} ${project}`),
      approval_id: 'OPS-1',
      commanded_by: by === undefined ? null : JSON.stringify(by),
      status: outcome === undefined ? 'running' : 'ended',
      outcome: outcome ?? null,
      host: 'worker-1',
      serial_before: '41',
      serial_after: outcome === undefined ? null : '42',
      claimed_at: new Date('2026-11-20T10:20:00Z'),
      started_at: new Date('2026-11-20T10:20:01Z'),
      ended_at: outcome === undefined ? null : new Date('2026-11-20T10:21:12Z'),
    })
    .execute();
  return id;
}

export async function printLines(
  db: Db,
  runId: string,
  from: number,
  count: number,
  text = (seq: number): string => `line ${seq}`,
): Promise<void> {
  const lines = Array.from({ length: count }, (_, i) => ({
    run_id: runId,
    seq: from + i,
    stream: 'stdout',
    line: text(from + i),
  }));
  await db.insertInto('run_output').values(lines).execute();
}

export async function record(db: Db, entries: readonly AuditEntryInput[]): Promise<void> {
  await db.transaction().execute((trx) => appendAudit(trx, entries));
}

/** Signs the log as it is now with a key of the moment. */
export async function signCheckpoint(db: Db): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const origin = 'countersign.test/log';
  const size = await growTree(db);
  const root = foldSubtrees(await readNodes(db, completeSubtrees(0, size)));
  const text = formatCheckpointText(origin, { size, root });
  const signature = sign(null, Buffer.from(text), privateKey);
  const note = formatNote(text, [{ name: origin, id: Buffer.alloc(4, 1), signature }]);
  await fileCheckpoint(db, { origin, size, root, note });
  return note;
}
