import type { PlanRef } from './plan-ref.ts';

/** A merge request on the code host: the numeric project id and the number people see (`!12`). */
export interface MergeRequestRef {
  repository: number;
  iid: number;
}

/** When a project is applied once every gate holds: by itself, or when an operator says so. */
export type ApplyOn = 'approval' | 'command';

/** What a revision knows of a project before it is planned. */
export interface ProjectTarget {
  /** `<dir>` in the default workspace, `<dir>:<workspace>` elsewhere; names the project in notes, holds and the audit log. */
  key: string;
  dir: string;
  workspace: string;
  applyOn: ApplyOn;
  /** The root module declares `variable "approval_id"`, so its plan needs the ticket first. */
  declaresApprovalId: boolean;
  /** SHA-256 over the git ids of everything the project is made of; see `Source.listRoots`. */
  inputsId: string;
  /** The paths behind `inputsId`, to tell whether a move of the target branch touches the project. */
  inputPaths: readonly string[];
}

/** A change at one head SHA. */
export interface Revision {
  number: number;
  headSha: string;
  baseSha: string;
  targetBranch: string;
  /** Recorded for the auditor, never compared: what matters is `not-diverged`. */
  targetSha: string;
  sourceBranch: string;
  /** E-mail addresses of all commit authors and committers between base and head. */
  commitEmails: readonly string[];
  /** Code-host ids of everyone who pushed to the source branch; `undefined` when the host no longer tells. */
  pushers: readonly number[] | undefined;
  configurationHash: string;
  openedAt: string;
}

/** Where the approval lives. A ticket serves revisions until an attempt has started under it. */
export type Ticket =
  | { status: 'none'; number: number; previous?: string }
  | { status: 'opening'; number: number; previous?: string }
  | {
      status: 'open';
      number: number;
      key: string;
      url: string;
      review: Review;
      /** An attempt has started under this ticket: the next revision opens a new one. */
      spent: boolean;
      previous?: string;
    }
  | { status: 'closed'; number: number; key: string; url: string; outcome: TicketOutcome };

export type TicketOutcome =
  | 'done'
  | 'failed'
  | 'partial'
  | 'superseded'
  | 'no-changes'
  | 'cancelled'
  | 'expired';

/** What is in front of the approver. `round` counts how often the ticket was put into review. */
export type Review =
  | { status: 'withdrawn'; round: number; why: string }
  | { status: 'presenting'; round: number; tupleHash: string; why?: string }
  | { status: 'in-review'; round: number; tupleHash: string; moveId: string; since: string }
  | { status: 'approved'; round: number; tupleHash: string; moveId: string; verdict: Verdict; since: string }
  | { status: 'rejected'; round: number; tupleHash: string; verdict: Verdict };

/** What a person decided on the ticket, as the ticket system's own changelog tells it. */
export interface Verdict {
  decision: 'approved' | 'rejected';
  /** Account id in the ticket system. */
  account: string;
  /** Id of the changelog entry that carries the move. */
  moveId: string;
  decidedAt: string;
  tupleHash: string;
  /** SHA-256 of the changelog entry as fetched. */
  evidenceDigest: string;
}

/** Who asked for something on the code host, as read from it at that moment. */
export interface Asker {
  gitlabId: number;
  username: string;
  /** 0 not a member, 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner. */
  accessLevel: number;
  /** Id in the directory of people, if they are in it. */
  person?: string;
  roles: readonly string[];
}

/** The release tag, made once every project of the change was applied. */
export type Release =
  | { status: 'none' }
  | { status: 'preparing' }
  | { status: 'tagging'; tag: string; sha: string; message: string }
  | { status: 'tagged'; tag: string; sha: string; at: string }
  | { status: 'refused'; tag: string; sha: string; reason: string; message: string };

export type Merge =
  | { status: 'open' }
  | { status: 'merging' }
  | { status: 'refused'; reason: string; tries: number; at: string }
  | { status: 'merged'; sha: string | undefined; at: string }
  | { status: 'closed'; at: string };

/** One merge request's request to change infrastructure: the aggregate. */
export interface Change {
  id: string;
  mergeRequest: MergeRequestRef;
  url: string;
  title: string;
  description: string;
  /** Code-host id and name of the merge request's author: the requester. */
  author: { id: number; username: string };
  revision?: Revision;
  /** Why no plan is made for this merge request (fork, role, draft, nothing touched). */
  notAdmitted?: { code: string; reason: string; headSha: string };
  projects: readonly Project[];
  ticket: Ticket;
  release: Release;
  merge: Merge;
  /** A newer head was seen while an attempt was running; it is read again when the attempt ends. */
  newerHead?: string;
  /** The projects that belong to this change, so that no other may apply them. */
  holds: readonly Hold[];
  /** Numbers revisions, plan runs and gate evaluations, so that their ids need no randomness. */
  counters: { revisions: number; planRuns: number; evaluations: number };
}

/** A project that belongs to a change since an attempt was claimed. */
export interface Hold {
  project: string;
  attemptId: string;
  /** Why nobody may apply the project at all, if so. */
  quarantined?: string;
}

interface ProjectBase extends ProjectTarget {
  /** Set when machinery must not apply by itself any more: an attempt failed before. */
  commandNeeded?: boolean;
  /** Number of attempts that failed cleanly and were planned again. */
  cleanFailures?: number;
}

export interface OpeningTicket extends ProjectBase {
  status: 'opening-ticket';
}
export interface Planning extends ProjectBase {
  status: 'planning';
  planRunId: string;
}
export interface PlanFailed extends ProjectBase {
  status: 'plan-failed';
  planRunId: string;
  reason: string;
}
export interface NoChanges extends ProjectBase {
  status: 'no-changes';
  planRunId: string;
}
export interface AwaitingApproval extends ProjectBase {
  status: 'awaiting-approval';
  plan: PlanRef;
}
export interface Rejected extends ProjectBase {
  status: 'rejected';
  plan: PlanRef;
}
export interface Expired extends ProjectBase {
  status: 'expired';
  plan: PlanRef;
}
/** Why the gates are being evaluated: to report, or to apply when all say yes. */
export type GatingPurpose = { kind: 'report' } | { kind: 'apply'; command?: ApplyCommand };

export interface ApplyCommand {
  noteId: number;
  by: Asker;
}

export interface Gating extends ProjectBase {
  status: 'gating';
  plan: PlanRef;
  evaluationId: string;
  purpose: GatingPurpose;
  /** What kept it back at the last look; stands until this look, which nobody commanded, is over. */
  standing?: readonly GateReason[];
}
export interface Blocked extends ProjectBase {
  status: 'blocked';
  plan: PlanRef;
  evaluationId: string;
  reasons: readonly GateReason[];
}
export interface Ready extends ProjectBase {
  status: 'ready';
  plan: PlanRef;
  evaluationId: string;
}
export interface Applying extends ProjectBase {
  status: 'applying';
  plan: PlanRef;
  /** `queued` until a worker claims the attempt; from then on a process may run. */
  phase: 'queued' | 'claimed';
  evaluationId: string;
  evaluatedAt: string;
  attemptId: string;
  command?: ApplyCommand;
}
export interface Applied extends ProjectBase {
  status: 'applied';
  plan: PlanRef;
  attemptId: string;
}
export type FailureClass = 'failed-clean' | 'failed-partial' | 'aborted';
export interface ApplyFailed extends ProjectBase {
  status: 'apply-failed';
  plan: PlanRef;
  attemptId: string;
  failure: FailureClass;
  reason: string;
}
export interface ApplyInterrupted extends ProjectBase {
  status: 'apply-interrupted';
  plan: PlanRef;
  attemptId: string;
  reason: string;
}
export interface Released extends ProjectBase {
  status: 'released';
  plan: PlanRef;
  attemptId: string;
}
export interface AppliedUnmerged extends ProjectBase {
  status: 'applied-unmerged';
  plan: PlanRef;
  attemptId: string;
  reason: string;
}
export interface Merged extends ProjectBase {
  status: 'merged';
  /** What was applied before the merge, so that it can still be told; absent when nothing was. */
  applied?: PlanRef;
}
export interface Cancelled extends ProjectBase {
  status: 'cancelled';
}
export interface Closed extends ProjectBase {
  status: 'closed';
}

export type Project =
  | OpeningTicket
  | Planning
  | PlanFailed
  | NoChanges
  | AwaitingApproval
  | Rejected
  | Expired
  | Gating
  | Blocked
  | Ready
  | Applying
  | Applied
  | ApplyFailed
  | ApplyInterrupted
  | Released
  | AppliedUnmerged
  | Merged
  | Cancelled
  | Closed;

export type ProjectStatus = Project['status'];

/** One gate's answer other than yes, in words for people. */
export interface GateReason {
  gate: string;
  answer: 'no' | 'unknown';
  reason: string;
  /** Who can do what about it. */
  remedy: string;
}
