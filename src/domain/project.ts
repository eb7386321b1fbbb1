import type { MandateRef } from './mandate.ts';
import type { PlanRef } from './plan-ref.ts';
import type { ApprovalRef } from './ticket.ts';

/** When a project is applied once every gate holds: by itself, when an operator says so, or when people merge. */
export type ApplyOn = 'approval' | 'command' | 'merge';

/** Something to be done to the state beside what the code says; part of the plan, so approved with it. */
export type Adjustment =
  /** Takes an existing object under management: `terraform import TO ID`. */
  | { kind: 'import'; to: string; id: string }
  /** Forgets a resource without destroying it: `terraform state rm FROM`. */
  | { kind: 'forget'; from: string };

/** With the comment that asked for it: whoever wrote that wrote part of what is planned. */
export type AskedAdjustment = Adjustment & {
  by: Pick<Asker, 'gitlabId' | 'username'>;
  noteId: number;
};

/** What a revision knows of a project before it is planned. */
export interface ProjectTarget {
  /** `<dir>` in the default workspace, `<dir>:<workspace>` elsewhere; names the project in notes, holds and the audit log. */
  key: string;
  /** What the repository calls it, for `-p`; its key when it has no name of its own. */
  name: string;
  dir: string;
  workspace: string;
  applyOn: ApplyOn;
  /** From when on the project belongs to this change alone. */
  holdFrom: 'plan' | 'apply';
  /** From 0: projects of one wave are applied together; what a later wave plans is a forecast until the one before is applied. */
  wave: number;
  /** Keys of this change's projects whose results it reads, so that it is applied after them. */
  after: readonly string[];
  /** The root module declares `variable "approval_id"`, so its plan needs the ticket first. */
  declaresApprovalId: boolean;
  /** SHA-256 over the git ids of everything the project is made of; see `Source.listRoots`. */
  inputsId: string;
  /** The paths behind `inputsId`, to tell whether a move of the target branch touches the project. */
  inputPaths: readonly string[];
}

/** Who asked for something on the code host, as read from it at that moment. */
export interface Asker {
  gitlabId: number;
  username: string;
  /** 0 not a member, 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner. */
  accessLevel: number;
  /** The level that it takes to ask for anything here, where theirs is too low. */
  takesLevel?: number;
  /** Id in the directory of people, if they are in it. */
  person?: string;
  /** What people call them, by the directory as it was then. */
  name?: string;
  roles: readonly string[];
  /** Names of the directory's groups they were in when they asked; absent for somebody whom it does not know. */
  groups?: readonly string[];
  /** Why a role that they lack may be theirs all the same: what of the directory did not answer. */
  unseen?: string;
  /** Where they are operators for a limited time, and by which mandates. */
  grants?: readonly Granted[];
  /** Commands that are reserved for others. */
  barred?: readonly Reserved[];
}

/** The role operator in some folders, by a mandate in force. */
export interface Granted {
  mandate: MandateRef;
  /** Patterns of project folders. */
  projects: readonly string[];
}

/** A command that is reserved for people whom whoever asked is not known to belong to. */
export interface Reserved {
  verb: string;
  /** Those people, in words. */
  needs: string;
  /** Patterns of project folders it is reserved in; all when absent. */
  projects?: readonly string[];
  /** Why nobody knows whether they belong to them. */
  unseen?: string;
}

interface ProjectBase extends ProjectTarget {
  /** Set when machinery must not apply by itself any more: an attempt failed before. */
  commandNeeded?: boolean;
  /** Number of attempts that failed cleanly and were planned again. */
  cleanFailures?: number;
  adjustments?: readonly AskedAdjustment[];
}

interface Orderable {
  /** A command to apply that came before its time: it is done when that has come, unless the approval goes first. */
  ordered?: ApplyCommand;
}

export interface OpeningTicket extends ProjectBase {
  status: 'opening-ticket';
}
export interface Planning extends ProjectBase, Orderable {
  status: 'planning';
  planRunId: string;
}
/** Another change has what this one needs before it may plan; planned by itself once that is let go. */
export interface Held extends ProjectBase {
  status: 'held';
  by: Holder;
}

/** Who holds which project: this one, or one that has to be had together with it. */
export interface Holder {
  changeId: string;
  /** Number of the merge request. */
  iid: number;
  project: string;
  /** When it was taken; RFC 3339. */
  since: string;
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
export interface AwaitingApproval extends ProjectBase, Orderable {
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
export interface Blocked extends ProjectBase, Orderable {
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
  /** When its gates took their first look. */
  evaluatedAt: string;
  /** What they judged: it is applied under that approval or not at all. */
  approval: ApprovalRef;
  /** The gates are asked once more while the attempt is ready to start; with the state as its supervisor read it. */
  renewing?: { evaluationId: string; state: PlanRef['state'] };
  /** They said no: it must not start. */
  refused?: string;
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
  | Held
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
  /** When it clears by itself, RFC 3339 UTC; absent where it does not, or nobody knows. */
  until?: string;
}
