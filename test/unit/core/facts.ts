import { approvalInForce, refOf } from '#domain/approval.ts';
import { DEFAULT_DEMAND } from '#domain/demand.ts';
import { createHash } from 'node:crypto';
import type { GlassTerms } from '#domain/break-glass.ts';
import type { Change, Ticket, Verdict } from '#domain/change.ts';
import type { Asker, Project, ProjectTarget } from '#domain/project.ts';
import { pictureOf } from '#domain/tag-standing.ts';
import type {
  Fact,
  FactOf,
  GateVerdict,
  MergeRequestReading,
  TicketMove,
  TicketReading,
} from '#domain/fact.ts';
import type { MandateRef } from '#domain/mandate.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import { movesAt } from '../moves.ts';

/** Facts as the workers would record them, for stories and walks that need neither workers nor services. */

/** A standing approval, as changes keep it. */
export const MANDATE: MandateRef = { id: 'man1', key: 'CHG-90', name: 'dns', approver: 'Ada' };
export const BOT = 'account-of-countersign';
export const APPROVER = 'account-of-ada';
const AUTHOR = 7;

export const olga: Asker = asker(21, 'olga', ['planner', 'operator', 'confirmer']);
export const otto: Asker = asker(22, 'otto', ['planner', 'operator', 'confirmer']);
export const peter: Asker = asker(23, 'peter', ['planner']);
export const mara: Asker = asker(AUTHOR, 'mara', ['planner', 'operator']);
export const stranger: Asker = { ...asker(99, 'stranger', []), accessLevel: 0 };

function asker(gitlabId: number, username: string, roles: readonly string[]): Asker {
  return { gitlabId, username, accessLevel: 40, person: username, roles };
}

/** What the server says of emergencies. */
export function glassTerms(overrides: Partial<GlassTerms> = {}): GlassTerms {
  return {
    tier: 'emergency',
    confirmWithinSeconds: 900,
    confirmedBy: 'somebody with the role operator or approver',
    waives: ['ticket-approved', 'approver-allowed', 'change-window'],
    blockWhileUnpaid: 'never',
    due: '2026-11-04T10:00:00.000Z',
    unpaid: [],
    ...overrides,
  };
}

/** A commit id that can be told from others at a glance: `sha('a')` is forty times a. */
export function sha(letter: string): string {
  return letter.repeat(40).slice(0, 40);
}

/** The release tag, as `Play` and its like say that it was asked for. */
export function tagged({ sha: commit, tag }: { sha: string; tag: string }): FactOf<'release-tagged'> {
  return { type: 'release-tagged', tag, ...pictureOf({ sha: commit, message: 'what was applied' }) };
}

export function target(key: string, overrides: Partial<ProjectTarget> = {}): ProjectTarget {
  return {
    key,
    name: key,
    dir: key,
    workspace: 'default',
    applyOn: 'approval',
    holdFrom: 'apply',
    wave: 0,
    after: [],
    declaresApprovalId: false,
    inputsId: hash(`inputs of ${key}`),
    inputPaths: [key],
    ...overrides,
  };
}

/** The merge request as it is read while it is open. */
export function reading(
  headSha: string,
  projects: readonly ProjectTarget[],
  overrides: Partial<MergeRequestReading> = {},
  contents: Partial<NonNullable<MergeRequestReading['contents']>> = {},
): FactOf<'merge-request-read'> {
  return {
    type: 'merge-request-read',
    reading: {
      mergeRequest: { repository: 1, iid: 12 },
      url: 'https://gitlab.example/net/-/merge_requests/12',
      title: 'Widen the network',
      description: '',
      author: { id: AUTHOR, username: 'mara' },
      state: 'open',
      headSha,
      sourceBranch: 'widen',
      targetBranch: 'main',
      targetSha: sha('9'),
      contents: {
        baseSha: sha('8'),
        commitAuthors: ['mara@example.com'],
        committers: ['mara@example.com'],
        pushers: [AUTHOR],
        projects,
        configurationHash: hash(`configuration of ${projects.map(({ key }) => key).join(' ')}`),
        ...contents,
      },
      ...overrides,
    },
  };
}

/** The merge request as it is read once it is merged or closed: then nothing else is looked at. */
export function over(state: 'merged' | 'closed', headSha: string): FactOf<'merge-request-read'> {
  const { reading: open } = reading(headSha, []);
  const { contents: _, ...rest } = open;
  return { type: 'merge-request-read', reading: { ...rest, state } };
}

/** What a plan run came to; plans of one `content` are the same change. */
export function planRef(planRunId: string, headSha: string, content: string): PlanRef {
  return {
    planRunId,
    digest: hash(`digest of ${content}`),
    counts: { create: 1, update: 0, delete: 0, replace: 0, import: 0, move: 0, forget: 0, outputs: 0 },
    checks: [{ name: 'required-tags', result: 'pass', digest: hash('findings') }],
    demand: DEFAULT_DEMAND,
    policyHash: hash('policy'),
    configurationHash: hash('configuration'),
    terraformVersion: '1.11.4',
    lockFileHash: hash('lock file'),
    moduleTreeHash: hash('modules'),
    inputsId: hash('inputs'),
    headSha,
    bundleHash: hash(`bundle of ${planRunId}`),
    state: { lineage: 'lineage', serial: '4' },
    plannedAt: '2026-11-01T10:00:00Z',
  };
}

export function planEnded(
  project: string,
  planRunId: string,
  outcome: FactOf<'plan-run-ended'>['outcome'],
): Fact {
  return { type: 'plan-run-ended', project, planRunId, outcome, isolation: 'uid' };
}

/** The ticket as read, from its moves. */
export function ticketRead(
  key: string,
  moves: readonly TicketMove[],
  boundTuple: string | undefined,
  during: string,
): FactOf<'ticket-read'> {
  const status: TicketReading['status'] = moves.at(-1)?.to ?? 'requested';
  const digest = hash(JSON.stringify(moves));
  return {
    type: 'ticket-read',
    bot: BOT,
    during,
    reading: { key, status, moves, boundTuple, exists: true, digest },
  };
}

export const move = movesAt('2026-11-01T10:00:00Z', hash);

/** A decision as it is kept. */
export function verdict({ account, at, digest, id, to }: TicketMove, tuple: string): Verdict {
  const decision = to === 'rejected' ? 'rejected' : 'approved';
  const common = {
    account,
    moveId: id,
    decidedAt: at,
    heardAt: at,
    tupleHash: tuple,
    evidenceDigest: digest,
  };
  return { decision, ...common };
}

/** The gates' answer for a project that is waiting for one; they looked at the change as it stands. */
export function judged(
  change: Change,
  project: { key: string; evaluationId: string },
  go: boolean,
  found: Partial<Omit<GateVerdict, 'project' | 'evaluationId' | 'go'>> = {},
): FactOf<'gates-evaluated'> {
  const approval = approvalInForce(change, project.key);
  const reasons = go
    ? []
    : [{ gate: 'mergeable', answer: 'no' as const, reason: 'it has conflicts', remedy: 'rebase it' }];
  return {
    type: 'gates-evaluated',
    verdicts: [
      {
        project: project.key,
        evaluationId: project.evaluationId,
        go,
        reasons,
        lookedAt: '2026-11-01T10:00:00Z',
        ...(approval === undefined ? {} : { approval: refOf(approval) }),
        evidenceDigest: hash('evidence'),
        ...found,
      },
    ],
  };
}

export function claimed(project: Extract<Project, { attemptId: string }>): FactOf<'attempt-claimed'> {
  const { key, attemptId, plan } = project;
  const { planRunId, bundleHash } = plan;
  return { type: 'attempt-claimed', project: key, attemptId, planRunId, bundleHash };
}

export function attemptEnded(
  project: string,
  attemptId: string,
  kind: FactOf<'attempt-ended'>['outcome']['kind'],
): Fact {
  const measured = { serialAfter: '5', logDigest: hash('log') };
  const outcome =
    kind === 'succeeded'
      ? ({ kind, ...measured } as const)
      : ({ kind, reason: 'the provider said no', ...measured } as const);
  return { type: 'attempt-ended', project, attemptId, outcome };
}

/** What the plan after an apply came to. */
export function verified({ project, attemptId }: { project: string; attemptId: string }, luck = 0): Fact {
  const at = '2026-11-01T10:00:00Z';
  const result = luck % 4 === 3 ? ({ kind: 'moved-on', at } as const) : ({ kind: 'clean', at } as const);
  return { type: 'apply-verified', project, attemptId, result };
}

export function openTicketOf(ticket: Ticket): Extract<Ticket, { status: 'open' }> {
  if (ticket.status !== 'open') throw new Error(`the ticket is ${ticket.status}`);
  return ticket;
}

export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
