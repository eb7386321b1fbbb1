import type { BreakGlass, ConfirmedGlass } from './break-glass.ts';
import type { Command, Selector } from './command.ts';
import type { PlanCounts } from './plan-ref.ts';
import type { Asker, Project } from './project.ts';
import type { TagPicture, TagTrouble } from './tag-standing.ts';
import type { Telling } from './telling.ts';
import type { Ticket, TicketOutcome, Verdict } from './ticket.ts';
import type { WorkPlan } from './work-plan.ts';

export type { ApprovalRef, Decider, Review, Ticket, TicketOutcome, Verdict } from './ticket.ts';

/** A merge request on the code host: the numeric project id and the number people see (`!12`). */
export interface MergeRequestRef {
  repository: number;
  iid: number;
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
  /** E-mail addresses of all authors of commits between base and head, and of all who committed them. */
  commitAuthors: readonly string[];
  committers: readonly string[];
  /** Code-host ids of everyone who pushed to the source branch; `undefined` when the host does not tell of all of them. */
  pushers: readonly number[] | undefined;
  configurationHash: string;
  /** Any move of the target branch makes another revision; otherwise only those that govern do. */
  boundToTarget?: true;
  /** False: people merge what was applied; absent or true: we do. */
  mergeAfterApply?: boolean;
  /** Most plans of it at once; as many as there are workers when absent. */
  parallelism?: number;
  /** What is odd in the configuration and stops nothing; and what is wrong in the merge request's own version of it. */
  warnings?: readonly ConfigurationWarning[];
  openedAt: string;
}

/** Something in a configuration file that its authors should look at; `place` is `file:line:col`. */
export interface ConfigurationWarning {
  place: string;
  what: string;
}

/** The release tag, made once every project of the change was applied. */
export type Release =
  | { status: 'none' }
  | { status: 'preparing' }
  | { status: 'tagging'; tag: string; sha: string; message: string }
  | { status: 'tagged'; tag: string; sha: string; at: string }
  | { status: 'refused'; tag: string; sha: string; reason: string; message: string };

/** A release tag that somebody moved, deleted, or made where nothing was released; with what stands there now, if anything. */
export interface AlteredTag extends Partial<TagPicture> {
  tag: string;
  standing: TagTrouble;
  /** When it was found so. */
  at: string;
}

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
  /** Our own account opened it because the author asked us to. */
  openedForAuthor?: true;
  revision?: Revision;
  /** Why no plan is made for this merge request (fork, role, draft, nothing touched). */
  notAdmitted?: {
    code: string;
    reason: string;
    headSha: string;
    /** What has to be mended first, where configuration is the reason. */
    problems?: readonly ConfigurationWarning[];
    /** Where that was read; read again when the branch moves. */
    target?: { branch: string; sha: string };
  };
  /** As the target branch said when the merge request was read last; absent before that. */
  telling?: Telling;
  projects: readonly Project[];
  ticket: Ticket;
  /** The work plan that somebody approved last, to tell what of it was edited since. */
  approvedWorkPlan?: WorkPlan['sections'];
  release: Release;
  /** Release tags that do not stand as the log says they were made. */
  alteredTags?: readonly AlteredTag[];
  merge: Merge;
  /** What plans made after the applies of the present revision came to; absent before the first. */
  verifications?: readonly Verification[];
  /** The wave that may be applied; later ones are planned again when it gets there. */
  wave: number;
  /** Commands given while the change was busy, in their order; each is done when what it waits for is over. */
  waiting: readonly WaitingCommand[];
  /** Commands that were accepted and are not over yet: whoever gave them is told how they end. */
  underway?: readonly CommandUnderway[];
  /** Projects that a comment asked for though the merge request does not touch them. */
  requested: readonly RequestedProjects[];
  /** A newer head was seen while an attempt was running; it is read again when the attempt ends. */
  newerHead?: string;
  /** Somebody said no on a ticket of it: nothing of it goes in advance until a person's approval counted. */
  disputed?: true;
  /** What was rejected; no emergency overrules that, until somebody's approval of it counted. */
  rejected?: readonly Rejection[];
  /** The last time that somebody wanted to apply in an emergency. */
  breakGlass?: BreakGlass;
  /** What was applied in an emergency and is approved afterwards. */
  debts?: readonly Debt[];
  /** The projects that belong to this change, so that no other may apply them. */
  holds: readonly Hold[];
  /** Numbers revisions, plan runs and gate evaluations, so that their ids need no randomness. */
  counters: { revisions: number; planRuns: number; evaluations: number };
}

/** What somebody rejected. */
export interface Rejection {
  tupleHash: string;
  /** What its plans would do, whatever commit they are of; absent where one of them was just being made anew. */
  plansHash?: string;
  /** Of the ticket. */
  key: string;
  /** Account id in the ticket system. */
  account: string;
}

/** A plan made after an apply, which has nothing to do when all came out as approved. */
export interface Verification {
  project: string;
  attemptId: string;
  /** The state's serial that the apply left; absent when it could not be read. */
  serialAfter?: string;
  result: VerificationResult | { kind: 'running' };
}

export type VerificationResult =
  | { kind: 'clean'; at: string }
  /** The plan would do something; the first addresses, and how many resources there are. */
  | { kind: 'differs'; at: string; counts: PlanCounts; differing: readonly string[]; found: number }
  /** Somebody else changed the state since, so that the plan says nothing of this apply. */
  | { kind: 'moved-on'; at: string }
  | { kind: 'failed'; at: string; reason: string };

export interface WaitingCommand {
  noteId: number;
  by: Asker;
  command: Command;
}

export interface CommandUnderway {
  noteId: number;
  command: Command;
  /** Keys of the projects it set going; none as long as the merge request is still being read for it. */
  projects: readonly string[];
}

export interface RequestedProjects {
  noteId: number;
  select: Selector;
  /** Whoever asked knows what came of it. */
  answered?: true;
}

/** A project that belongs to a change: since it was planned where that is configured, else since an attempt was claimed. */
export interface Hold {
  project: string;
  /** Absent while it is held for its plan only. */
  attemptId?: string;
  /** Why nobody may apply the project at all, if so. */
  quarantined?: string;
}

/** Where the approval afterwards stands. */
export type DebtReview =
  /** Its attempts have not ended. */
  | { status: 'waiting'; round: number }
  | { status: 'presenting'; round: number; why?: string }
  | {
      status: 'in-review';
      round: number;
      moveId: string;
      /** Approvals that count and are not enough yet. */
      given: readonly Verdict[];
      wanted?: string;
      /** Moves to Approved that were found not to count while others do. */
      dropped?: readonly string[];
    };

/** What was applied unapproved. Its ticket stays open until somebody who may approves it. */
export type Debt =
  | (Owed & {
      status: 'owed';
      review: DebtReview;
      /** What the approver is shown and asked about: the change as it was applied. */
      revision: Revision;
      plans: readonly Project[];
      overdue?: true;
      /** Who rejected it afterwards, oldest first: it is to be rolled back or mended, and then approved. */
      rejections: readonly Verdict[];
      /** How the ticket ends once it is paid: the change itself is done with it. */
      closing?: { outcome: TicketOutcome; reason: string };
    })
  | (Owed & { status: 'paid'; paidAt: string; verdicts: readonly Verdict[] });

export type OwedDebt = Extract<Debt, { status: 'owed' }>;

interface Owed {
  ticket: { number: number; key: string; url: string };
  glass: ConfirmedGlass;
  tupleHash: string;
  projects: readonly string[];
  usedAt: string;
  due: string;
}
