import { DEFAULT_DEMAND } from '#domain/demand.ts';
import { currentTupleHash } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { Gating, Reserved } from '#domain/project.ts';
import type { TicketMove, TicketReading } from '#domain/fact.ts';
import type {
  ChangeEvidence,
  CommanderSeen,
  GateSubject,
  Person,
  ProjectEvidence,
} from '#domain/gates/evidence.ts';
import { deciderOf } from '#domain/gates/people.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import { movesAt } from '../moves.ts';

export const BOT = 'bot-account';
export const AUTHOR = person('ann', 11, ['requester']);
export const APPROVER = person('bob', 12, ['approver']);
export const OPERATOR = person('cleo', 13, ['operator']);
export const REVIEWER = person('rex', 14, ['reviewer']);

/** A person with one account on each side, by which tests name them. */
type Known = Person & { gitlabId: number; jiraAccount: string };

function person(id: string, gitlabId: number, roles: Person['roles']): Known {
  const jiraAccount = `jira-${id}`;
  return {
    id,
    name: id,
    gitlabId,
    jiraAccount,
    gitlabIds: [gitlabId],
    jiraAccounts: [jiraAccount],
    emails: [`${id}@example.com`],
    roles,
    groups: [],
  };
}

const plan: PlanRef = {
  planRunId: 'c1.p1',
  digest: 'digest',
  counts: { create: 1, update: 0, delete: 0, replace: 0, import: 0, move: 0, forget: 0, outputs: 0 },
  checks: [{ name: 'naming', result: 'pass', digest: 'findings' }],
  demand: DEFAULT_DEMAND,
  policyHash: 'policy',
  configurationHash: 'configuration',
  terraformVersion: '1.11.4',
  lockFileHash: 'lock',
  moduleTreeHash: 'modules',
  inputsId: 'inputs',
  headSha: 'head',
  bundleHash: 'bundle',
  state: { lineage: 'lineage', serial: '7' },
  plannedAt: '2026-03-01T10:00:00Z',
};

const project: Gating = {
  key: 'fin/prod/network',
  name: 'fin/prod/network',
  dir: 'fin/prod/network',
  workspace: 'default',
  applyOn: 'command',
  holdFrom: 'apply',
  wave: 0,
  after: [],
  declaresApprovalId: true,
  inputsId: 'inputs',
  inputPaths: ['fin/prod/network'],
  status: 'gating',
  plan,
  evaluationId: 'c1.e1',
  purpose: { kind: 'report' },
};

const planned: Change = {
  id: 'c1',
  mergeRequest: { repository: 7, iid: 3 },
  url: 'https://gitlab.example.com/net/infra/-/merge_requests/3',
  title: 'A wider network',
  description: '',
  author: { id: AUTHOR.gitlabId, username: 'ann' },
  revision: {
    number: 1,
    headSha: 'head',
    baseSha: 'base',
    targetBranch: 'main',
    targetSha: 'target',
    sourceBranch: 'wider',
    commitAuthors: ['Ann@Example.com'],
    committers: ['Ann@Example.com'],
    pushers: [AUTHOR.gitlabId],
    configurationHash: 'configuration',
    openedAt: '2026-03-01T09:59:00Z',
  },
  projects: [project],
  ticket: { status: 'none', number: 0 },
  release: { status: 'none' },
  merge: { status: 'open' },
  holds: [],
  wave: 0,
  waiting: [],
  requested: [],
  counters: { revisions: 1, planRuns: 1, evaluations: 1 },
};

export const TUPLE = currentTupleHash(planned) ?? '';

export const move = movesAt('2026-03-01T11:00:00Z');

export const OPENED = move('m1', 'requested', 'in-review', BOT);
export const APPROVED = move('m2', 'in-review', 'approved', APPROVER.jiraAccount);

export function reading(moves: readonly TicketMove[], rest: Partial<TicketReading> = {}): TicketReading {
  const status = moves.at(-1)?.to ?? 'requested';
  return { key: 'CHG-1', status, moves, boundTuple: TUPLE, exists: true, digest: 'reading', ...rest };
}

/** Bob's approval, as it is kept. */
export const VERDICT = {
  decision: 'approved',
  account: APPROVER.jiraAccount,
  moveId: APPROVED.id,
  decidedAt: APPROVED.at,
  tupleHash: TUPLE,
  evidenceDigest: APPROVED.digest,
  heardAt: APPROVED.at,
  decider: deciderOf(APPROVER),
} as const;

const change: Change = {
  ...planned,
  ticket: {
    status: 'open',
    number: 1,
    key: 'CHG-1',
    url: 'https://jira.example.com/browse/CHG-1',
    review: {
      status: 'approved',
      round: 1,
      tupleHash: TUPLE,
      moveId: OPENED.id,
      verdict: VERDICT,
      given: [],
      since: APPROVED.at,
    },
    spent: false,
  },
};

/** Somebody whom the code host lets apply, unless it says otherwise. */
export function commander(
  gitlabId: number,
  may: { accessLevel?: number; barred?: readonly Reserved[] } = {},
): CommanderSeen {
  const value = { accessLevel: 40, needed: 30, barred: [], ...may };
  return { gitlabId, rights: { seen: true, value } };
}

export interface Situation {
  subject: GateSubject;
  change: ChangeEvidence;
  project: ProjectEvidence;
}

/** An approved change about which every gate says yes; each test spoils what it is about. */
export function situation(): Situation {
  return structuredClone({
    subject: {
      change,
      project,
      plan,
      approval: { kind: 'decided', tupleHash: TUPLE, verdict: VERDICT, given: [] },
      tupleHash: TUPLE,
      command: undefined,
    },
    change: {
      at: '2026-03-01T12:00:00Z',
      ticket: { seen: true, value: reading([OPENED, APPROVED]) },
      mergeRequest: {
        seen: true,
        value: {
          state: 'open',
          draft: false,
          headSha: 'head',
          targetBranch: 'main',
          targetSha: 'target',
          authorId: AUTHOR.gitlabId,
          description: '',
          mergeable: { answer: 'yes', reason: '' },
        },
      },
      target: { seen: true, value: { branch: 'main', isProtected: true, developersMayPush: false } },
      statuses: { seen: true, value: [{ name: 'test', state: 'success', allowedToFail: false }] },
      pushers: { seen: true, value: [AUTHOR.gitlabId] },
      reviews: { seen: true, value: [] },
      releaseTag: {
        seen: true,
        value: { name: 'release/CHG-1', takenBy: undefined, protected: true, mayCreate: true, reason: '' },
      },
      people: [AUTHOR, APPROVER, OPERATOR],
      unseenSources: [],
      commanders: [],
      mandates: [],
      policyHash: { seen: true, value: 'policy' },
      ticketBot: BOT,
      audit: { seen: true, value: { entries: 9, covered: true } },
      settings: { planMaxAgeSeconds: 86_400, pipelineRequired: false, voidedBy: 'inputs', exclusions: [] },
    },
    project: {
      divergence: { seen: true, value: { changedInputs: [] } },
      bundle: { seen: true, value: { hash: 'bundle' } },
      state: { seen: true, value: { lineage: 'lineage', serial: '7' } },
      hold: { seen: true, value: undefined },
      checks: { seen: true, value: plan.checks },
      demand: { seen: true, value: plan.demand },
      inputsId: { seen: true, value: 'inputs' },
      configurationHash: { seen: true, value: 'configuration' },
      terraformVersion: { seen: true, value: '1.11.4' },
      calendar: { seen: true, value: { at: '2026-03-01T12:00:00Z', windows: [], open: true, freezes: [] } },
    },
  } satisfies Situation);
}
