import { DEFAULT_DEMAND } from '#domain/demand.ts';
import type { Approval } from '#domain/approval.ts';
import type { ApprovalRef } from '#domain/change.ts';
import type { GatingPurpose, Project, ProjectStatus, ProjectTarget } from '#domain/project.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import type { Signal } from '#domain/lifecycle/step.ts';

/** Something to try, and in which case it is, in words; no words where there is but one case. */
export interface Sample<T> {
  value: T;
  when?: string;
}

const target: ProjectTarget = {
  key: 'PROJECT',
  name: 'PROJECT',
  dir: 'PROJECT',
  workspace: 'default',
  applyOn: 'approval',
  holdFrom: 'apply',
  wave: 0,
  after: [],
  declaresApprovalId: true,
  inputsId: '',
  inputPaths: [],
};

const plan: PlanRef = {
  planRunId: 'run',
  digest: '',
  counts: { create: 1, update: 0, delete: 0, replace: 0, import: 0, move: 0, forget: 0, outputs: 0 },
  checks: [],
  demand: DEFAULT_DEMAND,
  policyHash: '',
  configurationHash: '',
  terraformVersion: '',
  lockFileHash: '',
  moduleTreeHash: '',
  inputsId: '',
  headSha: '',
  bundleHash: '',
  state: 'none',
  plannedAt: '',
};

const olga = { gitlabId: 1, username: 'olga', accessLevel: 40, roles: ['operator'] };
const command = { noteId: 1, by: olga };
const by = { changeId: 'change', iid: 12, project: 'OTHER', since: '' };
const approval: ApprovalRef = { kind: 'decided', moves: [] };
const attempt = { plan, attemptId: 'attempt', evaluationId: 'evaluation', approval };
const planned = { ...target, plan };

const byApplyOn = <P extends Project>(project: P): Sample<P>[] => [
  { value: project, when: 'applied on approval' },
  { value: { ...project, applyOn: 'command' }, when: 'applied on command' },
];

const gating = (purpose: GatingPurpose, when: string): Sample<Project> => ({
  value: { ...planned, status: 'gating', evaluationId: 'evaluation', purpose },
  when,
});

/** A project at every status, in every variant that the status tells apart. */
export const PROJECTS: Readonly<Record<ProjectStatus, readonly Sample<Project>[]>> = {
  'opening-ticket': [{ value: { ...target, status: 'opening-ticket' } }],
  planning: [{ value: { ...target, status: 'planning', planRunId: 'run' } }],
  held: [{ value: { ...target, status: 'held', by } }],
  'plan-failed': [{ value: { ...target, status: 'plan-failed', planRunId: 'run', reason: 'REASON' } }],
  'no-changes': [{ value: { ...target, status: 'no-changes', planRunId: 'run' } }],
  'awaiting-approval': byApplyOn({ ...planned, status: 'awaiting-approval' }),
  rejected: [{ value: { ...planned, status: 'rejected' } }],
  expired: [{ value: { ...planned, status: 'expired' } }],
  gating: [
    gating({ kind: 'report' }, 'asked to report'),
    gating({ kind: 'apply' }, 'asked to apply'),
    gating({ kind: 'apply', command }, 'asked by a command'),
  ],
  blocked: byApplyOn({ ...planned, status: 'blocked', evaluationId: 'evaluation', reasons: [] }),
  ready: byApplyOn({ ...planned, status: 'ready', evaluationId: 'evaluation' }),
  applying: [
    {
      value: { ...target, ...attempt, status: 'applying', phase: 'queued', evaluatedAt: '' },
      when: 'not claimed yet',
    },
    {
      value: { ...target, ...attempt, status: 'applying', phase: 'claimed', evaluatedAt: '' },
      when: 'claimed',
    },
  ],
  applied: [{ value: { ...planned, status: 'applied', attemptId: 'attempt' } }],
  'apply-failed': [
    {
      value: {
        ...planned,
        status: 'apply-failed',
        attemptId: 'attempt',
        failure: 'aborted',
        reason: 'REASON',
      },
    },
  ],
  'apply-interrupted': [
    { value: { ...planned, status: 'apply-interrupted', attemptId: 'attempt', reason: 'REASON' } },
  ],
  released: [{ value: { ...planned, status: 'released', attemptId: 'attempt' } }],
  'applied-unmerged': [
    { value: { ...planned, status: 'applied-unmerged', attemptId: 'attempt', reason: 'REASON' } },
  ],
  merged: [{ value: { ...target, status: 'merged' } }],
  cancelled: [{ value: { ...target, status: 'cancelled' } }],
  closed: [{ value: { ...target, status: 'closed' } }],
};

const no = { gate: 'GATE', answer: 'no', reason: 'REASON', remedy: 'REMEDY' } as const;
const verdictOf = (go: boolean): Signal => ({
  type: 'gates-evaluated',
  verdict: {
    project: 'PROJECT',
    evaluationId: 'evaluation',
    go,
    reasons: go ? [] : [no, no],
    lookedAt: '',
    approval,
    evidenceDigest: '',
  },
});
const ended = { serialAfter: undefined, logDigest: '' };
const failed = (kind: 'failed-clean' | 'failed-partial' | 'aborted'): Signal => ({
  type: 'attempt-ended',
  attemptId: 'attempt',
  outcome: { kind, reason: 'REASON', ...ended },
});

/** Every signal, in every variant that some status tells apart. */
export const SIGNALS: Readonly<Record<Signal['type'], readonly Sample<Signal>[]>> = {
  'ticket-opened': [{ value: { type: 'ticket-opened' } }],
  'plan-ended': [
    {
      value: { type: 'plan-ended', planRunId: 'run', outcome: { kind: 'planned', plan } },
      when: 'with changes',
    },
    {
      value: { type: 'plan-ended', planRunId: 'run', outcome: { kind: 'no-changes', digest: '' } },
      when: 'without changes',
    },
    {
      value: { type: 'plan-ended', planRunId: 'run', outcome: { kind: 'failed', reason: 'REASON' } },
      when: 'in failure',
    },
  ],
  'plan-expired': [{ value: { type: 'plan-expired', planRunId: 'run' } }],
  approved: [{ value: { type: 'approved' } }],
  rejected: [{ value: { type: 'rejected' } }],
  'review-again': [{ value: { type: 'review-again' } }],
  'gates-evaluated': [
    { value: verdictOf(true), when: 'all yes' },
    { value: verdictOf(false), when: 'not all yes' },
  ],
  'evaluation-stale': [{ value: { type: 'evaluation-stale', evaluationId: 'evaluation' } }],
  'surroundings-changed': [
    { value: { type: 'surroundings-changed', source: 'webhook' }, when: 'by a webhook' },
    { value: { type: 'surroundings-changed', source: 'sweep' }, when: 'by the sweep' },
    {
      value: { type: 'surroundings-changed', source: 'webhook', freed: ['OTHER'] },
      when: 'as another change let go',
    },
  ],
  held: [{ value: { type: 'held', by } }],
  'plan-commanded': [{ value: { type: 'plan-commanded' } }],
  'apply-commanded': [{ value: { type: 'apply-commanded', command } }],
  cancelled: [{ value: { type: 'cancelled' } }],
  'attempt-claimed': [{ value: { type: 'attempt-claimed', attemptId: 'attempt' } }],
  'attempt-ended': [
    {
      value: { type: 'attempt-ended', attemptId: 'attempt', outcome: { kind: 'succeeded', ...ended } },
      when: 'well',
    },
    { value: failed('failed-clean'), when: 'having changed nothing' },
    { value: failed('failed-partial'), when: 'half way' },
    { value: failed('aborted'), when: 'interrupted on command' },
  ],
  'attempt-lost': [{ value: { type: 'attempt-lost', attemptId: 'attempt', reason: 'REASON' } }],
  'attempt-resolved': [
    {
      value: { type: 'attempt-resolved', attemptId: 'attempt', as: 'applied', reason: 'REASON' },
      when: 'as applied',
    },
    {
      value: { type: 'attempt-resolved', attemptId: 'attempt', as: 'not-applied', reason: 'REASON' },
      when: 'as not applied',
    },
  ],
  tagged: [{ value: { type: 'tagged' } }],
  'merge-refused': [{ value: { type: 'merge-refused', reason: 'REASON' } }],
  merged: [{ value: { type: 'merged' } }],
  closed: [{ value: { type: 'closed' } }],
};

const verdict = {
  decision: 'approved',
  account: '',
  moveId: '',
  decidedAt: '',
  tupleHash: '',
  evidenceDigest: '',
  heardAt: '',
} as const;

/** The approval, in force or not. */
export const APPROVALS: readonly Sample<Approval | undefined>[] = [
  { value: { kind: 'decided', tupleHash: '', verdict, given: [] }, when: 'approval in force' },
  { value: undefined, when: 'no approval in force' },
];

/** Whether the number that goes into a plan is known. */
export const TICKETS: readonly Sample<boolean>[] = [
  { value: true, when: 'with a ticket, or no need of its number' },
  { value: false, when: 'while its plan needs the number of a ticket that is not there' },
];
