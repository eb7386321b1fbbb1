import { DEFAULT_DEMAND, type Demand } from '#domain/demand.ts';
import type { Change, Ticket, Verdict } from '#domain/change.ts';
import type { Project, ProjectStatus } from '#domain/project.ts';
import type { Person } from '#domain/gates/evidence.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import type { PlanSummary, ResourceSummary } from '#domain/plan/summarize.ts';
import type { ChangeModel, PlanModel } from '#messages/note-model.ts';

/** The change that the texts are shown for: a network in production and a smaller one in development. */

export const PAGE = 'https://countersign.test/changes/chg_1';
const HEAD = '4f2d9c0b7a1e5d3c8f6b2a9e0d7c4b1a3e5f7d9c';

export function sampleChange(overrides: Partial<Change> = {}): Change {
  return {
    id: 'chg_1',
    mergeRequest: { repository: 7, iid: 12 },
    url: 'https://gitlab.test/fin/infra/-/merge_requests/12',
    title: 'Open the network to the payment hub',
    description: '',
    author: { id: 3, username: 'mara' },
    revision: {
      number: 2,
      headSha: HEAD,
      baseSha: 'b'.repeat(40),
      targetBranch: 'main',
      targetSha: 'c'.repeat(40),
      sourceBranch: 'feature',
      commitAuthors: ['mara@example.com', 'ines@example.com'],
      committers: ['mara@example.com', 'ines@example.com'],
      pushers: [3],
      configurationHash: 'd'.repeat(64),
      openedAt: '2026-11-01T10:00:00Z',
    },
    projects: [
      project('fin/prod/network', 'awaiting-approval'),
      project('biz/dev/network', 'awaiting-approval'),
    ],
    ticket: openTicket(),
    release: { status: 'none' },
    merge: { status: 'open' },
    holds: [],
    wave: 0,
    waiting: [],
    requested: [],
    counters: { revisions: 2, planRuns: 2, evaluations: 0 },
    ...overrides,
  };
}

export function openTicket(overrides: Partial<Extract<Ticket, { status: 'open' }>> = {}): Ticket {
  return {
    status: 'open',
    number: 1,
    key: 'CHG-12',
    url: 'https://jira.test/browse/CHG-12',
    spent: false,
    review: {
      status: 'in-review',
      round: 1,
      tupleHash: 'e'.repeat(64),
      moveId: '10001',
      given: [],
      since: '2026-11-01T10:05:00Z',
    },
    ...overrides,
  };
}

/** A project in that status, with whatever the status has to know. */
export function project(key: string, status: ProjectStatus, overrides: object = {}): Project {
  const known = {
    key,
    name: key,
    dir: key,
    workspace: 'default',
    applyOn: key.includes('prod') ? 'command' : 'approval',
    holdFrom: 'apply',
    wave: 0,
    after: [],
    declaresApprovalId: false,
    inputsId: 'f'.repeat(64),
    inputPaths: [key],
    planRunId: 'run_1',
    evaluationId: 'evaluation_1',
    purpose: { kind: 'report' },
    reasons: [
      {
        gate: 'four-eyes',
        answer: 'no',
        reason: 'the approver wrote a commit of this change',
        remedy: 'ask another approver',
      },
      {
        gate: 'pipeline-passed',
        answer: 'unknown',
        reason: 'scan has not reported',
        remedy: 'wait for the pipeline',
      },
    ],
    by: { changeId: 'chg_2', iid: 9, project: key, since: '2026-11-01T09:00:00Z' },
    phase: 'claimed',
    evaluatedAt: '2026-11-01T10:06:00Z',
    approval: { kind: 'decided', moves: ['5'] },
    attemptId: 'run_1.apply',
    failure: 'failed-partial',
    reason: 'the provider answered 500 while the second resource was made',
    ...(PLANLESS.has(status) ? {} : { plan: planRef(key) }),
    ...(status === 'merged' ? { applied: planRef(key) } : {}),
    status,
  };
  // A builder for tests: it carries more than one variant needs, which the union does not mind.
  return { ...known, ...overrides } as unknown as Project;
}

const PLANLESS = new Set<ProjectStatus>([
  'opening-ticket',
  'held',
  'planning',
  'plan-failed',
  'no-changes',
  'merged',
  'cancelled',
  'closed',
]);

function planRef(key: string): PlanRef {
  const { summary, digest } = planModel(key);
  return {
    planRunId: 'run_1',
    digest,
    counts: summary.counts,
    checks: [
      { name: 'required-tags', result: 'pass', digest: '1'.repeat(64) },
      { name: 'no-destroy', result: key.includes('prod') ? 'fail' : 'pass', digest: '2'.repeat(64) },
    ],
    demand: DEFAULT_DEMAND,
    policyHash: '3'.repeat(64),
    configurationHash: 'd'.repeat(64),
    terraformVersion: '1.11.0',
    lockFileHash: '4'.repeat(64),
    moduleTreeHash: '5'.repeat(64),
    inputsId: 'f'.repeat(64),
    headSha: HEAD,
    bundleHash: '6'.repeat(64),
    state: { lineage: 'l', serial: '4' },
    plannedAt: '2026-11-01T10:02:00Z',
  };
}

export function planModel(key: string, resources = resourcesOf(key)): PlanModel {
  const count = (verb: string) => resources.filter((each) => each.verb === verb).length;
  const summary: PlanSummary = {
    counts: {
      create: count('create'),
      update: count('update'),
      delete: count('delete'),
      replace: count('replace'),
      import: 0,
      move: 0,
      forget: 0,
      outputs: 0,
    },
    resources,
    outputs: [],
    drift: [],
    checks: [],
    warnings: [],
  };
  const digest = key.includes('prod') ? '9'.repeat(64) : '8'.repeat(64);
  return { planRunId: 'run_1', summary, digest };
}

export function resource(
  address: string,
  verb: ResourceSummary['verb'],
  changes: ResourceSummary['changes'] = [],
): ResourceSummary {
  const [type = '', name = ''] = address.split('.');
  return { address, type, name, provider: 'terraform.io/builtin/terraform', actions: [verb], verb, changes };
}

function resourcesOf(key: string): ResourceSummary[] {
  const value = { sensitive: false, unknown: false, forcesReplacement: false };
  const subnet = resource('terraform_data.subnet', 'create', [
    { ...value, path: ['input'], after: '10.0.4.0/24' },
    { ...value, path: ['id'], after: '(known after apply)', unknown: true },
  ]);
  if (!key.includes('prod')) return [subnet];
  return [
    subnet,
    resource('terraform_data.gateway', 'update', [
      { ...value, path: ['input', 'mtu'], before: 1400, after: 1500 },
      {
        ...value,
        path: ['input', 'key'],
        before: '(sensitive value)',
        after: '(sensitive value)',
        sensitive: true,
      },
    ]),
    resource('terraform_data.peering', 'replace', [
      { ...value, path: ['triggers_replace'], before: 'a', after: 'b', forcesReplacement: true },
    ]),
    resource('terraform_data.old_route', 'delete', [{ ...value, path: ['input'], before: '10.0.9.0/24' }]),
  ];
}

/** A tier that asks for two groups and a whole work plan. */
export const GRAVE: Demand = {
  ...DEFAULT_DEMAND,
  tier: 'grave',
  rank: 2,
  reasons: ['replaces or destroys in production', 'more than 3 resources'],
  approvals: [
    { id: 'network', from: ['network'], count: 1 },
    { id: 'security', from: ['security'], count: 1 },
  ],
  approvalValidSeconds: 4 * 3_600,
  workPlan: ['reason', 'impact', 'fall-back', 'window'],
  reviews: 1,
};

/** An approval of somebody of that group. */
export function approvedBy(person: string, name: string, group: string): Verdict {
  return {
    decision: 'approved',
    account: `jira-${person}`,
    moveId: '10002',
    decidedAt: '2026-11-01T10:30:00Z',
    tupleHash: 'e'.repeat(64),
    evidenceDigest: 'd'.repeat(64),
    heardAt: '2026-11-01T10:30:01Z',
    decider: { person, name, roles: ['approver'], groups: [group], insteadOf: [], unseen: [] },
  };
}

/** The change, whose plans demand that. */
export function demanding(demand: Demand, change: Change = sampleChange()): Change {
  const projects = change.projects.map((each) =>
    'plan' in each ? { ...each, plan: { ...each.plan, demand } } : each,
  );
  return { ...change, projects };
}

/** Those who could approve; Mara asked for the change. */
export const PEOPLE: readonly Person[] = [
  approver('mara', 'Mara Miller', 3, ['network']),
  approver('adam', 'Adam Approver', 4, ['network']),
  approver('nora', 'Nora Network', 5, ['network']),
  approver('sam', 'Sam Secure', 6, ['security']),
];

function approver(id: string, name: string, gitlabId: number, groups: readonly string[]): Person {
  const emails = [`${id}@example.com`];
  return {
    id,
    name,
    gitlabIds: [gitlabId],
    jiraAccounts: [`jira-${id}`],
    emails,
    roles: ['approver'],
    groups,
  };
}

/** The change with the plans of all its projects. */
export function model(change: Change = sampleChange()): ChangeModel {
  return {
    change,
    pageUrl: PAGE,
    plans: new Map(change.projects.map(({ key }) => [key, planModel(key)])),
    diagnostics: new Map(),
    telling: { leavesOutUnchanged: false, volatile: [] },
    people: PEOPLE,
    calendar: new Map(),
  };
}
