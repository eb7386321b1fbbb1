import type { GlassTerms } from './break-glass.ts';
import type { Command } from './command.ts';
import type {
  ApprovalRef,
  ConfigurationWarning,
  Decider,
  MergeRequestRef,
  VerificationResult,
  Verdict,
} from './change.ts';
import type { Found } from './found.ts';
import type { MandateRef } from './mandate.ts';
import type { Asker, FailureClass, GateReason, Holder, ProjectTarget } from './project.ts';
import type { PlanRef } from './plan-ref.ts';
import type { Refusal } from './refusal.ts';
import type { TagPicture, TagStanding } from './tag-standing.ts';
import type { Telling } from './telling.ts';

/** What the merge request and its repository looked like when they were read. */
export interface MergeRequestReading {
  mergeRequest: MergeRequestRef;
  url: string;
  title: string;
  description: string;
  author: { id: number; username: string };
  /** Our own account opened it because the author, by our own books, asked us to. */
  openedForAuthor?: true;
  state: 'open' | 'merged' | 'closed';
  mergedSha?: string;
  headSha: string;
  sourceBranch: string;
  targetBranch: string;
  targetSha: string;
  /** Absent when the merge request is closed, merged, or not admitted: then nothing else was read. */
  contents?: {
    baseSha: string;
    commitAuthors: readonly string[];
    committers: readonly string[];
    pushers: readonly number[] | undefined;
    projects: readonly ProjectTarget[];
    configurationHash: string;
    boundToTarget?: true;
    mergeAfterApply?: boolean;
    parallelism?: number;
    warnings?: readonly ConfigurationWarning[];
  };
  notAdmitted?: { code: string; reason: string; problems?: readonly ConfigurationWarning[] };
  /** Absent where the configuration was not read, or could not be. */
  telling?: Telling;
}

/** The ticket as read from the ticket system, reduced to what decides. */
export interface TicketReading {
  key: string;
  /** The ticket's status, mapped from the configured status ids; `other` for a status nobody configured. */
  status: TicketStatus;
  /** Changelog entries that moved the ticket, oldest first, in the changelog's own order. */
  moves: readonly TicketMove[];
  /** Who changed what approvers read on the ticket, oldest first; absent where nobody did. */
  edits?: readonly TicketEdit[];
  /** The binding property as it is now; `undefined` when absent or unreadable. */
  boundTuple: string | undefined;
  /** For which round of review it was bound; absent when it was not yet bound for one. */
  boundRound?: number;
  /** False when the ticket is gone or is no longer ours (moved project, other issue type). */
  exists: boolean;
  /** Approvals of the service desk, oldest first; absent where approvals are not given there. */
  desk?: readonly DeskApproval[];
  /** SHA-256 of the raw reading. */
  digest: string;
}

/** One asking for approval by Jira Service Management, and what came of it. */
export interface DeskApproval {
  id: string;
  name: string;
  /** What all its decisions come to. */
  decision: DeskDecision['decision'];
  /** When it was asked for, by the ticket system's clock. */
  openedAt: string;
  completedAt?: string;
  decisions: readonly DeskDecision[];
  /** SHA-256 of all of it. */
  digest: string;
}

/** What one of those who were asked said. */
export interface DeskDecision extends Pick<TicketMove, 'account' | 'name' | 'accountKind' | 'active'> {
  decision: 'approved' | 'declined' | 'pending';
}

export type TicketStatus =
  | 'requested'
  | 'in-review'
  | 'approved'
  | 'rejected'
  | 'applying'
  | 'done'
  | 'failed'
  | 'superseded'
  | 'expired'
  | 'other';

/** What an approver reads was changed: title, text or a field that is ours was written anew, or an attachment taken away. */
export interface TicketEdit {
  /** Id of the last move before it in the changelog; absent before the first. */
  after?: string;
  account: string;
  name?: string;
  what: readonly ('summary' | 'description' | 'fields' | 'attachment')[];
}

/** One status move in the ticket's changelog. */
export interface TicketMove {
  id: string;
  from: TicketStatus;
  to: TicketStatus;
  account: string;
  /** As the ticket system shows them; for sentences only, never to tell people apart. */
  name?: string;
  /** `person` only for a human account; apps, automation and customers are not. */
  accountKind: 'person' | 'app' | 'other';
  active: boolean;
  at: string;
  /** SHA-256 of the changelog entry as fetched. */
  digest: string;
}

/** Every gate's answer for one project, reduced to what the core needs. */
export interface GateVerdict {
  project: string;
  evaluationId: string;
  go: boolean;
  reasons: readonly GateReason[];
  /** When the first look was taken, by the database's clock: nothing they saw is older. */
  lookedAt: string;
  /** The approval that they judged; absent where there was none. */
  approval?: ApprovalRef;
  /** SHA-256 over every gate's answer and what it looked at, which are kept beside. */
  evidenceDigest: string;
  /** What they saw, where all of them said yes. */
  found?: Found;
  /** The evaluation whose place this one takes: its evidence grew old while the apply waited for its turn. */
  renews?: string;
  /** The mandate under which it may be applied, where that is what lets it. */
  mandate?: MandateRef;
  /** The verdict on the ticket does not count: it has to go back to review, and why. */
  verdictRefused?: string;
  /** Somebody interfered with a ticket on which nobody was asked, or had rejected it. */
  disputed?: true;
  /** When one of the answers turns by itself, RFC 3339 UTC: they are asked again then. */
  turnsAt?: string;
  /** More approvals are wanted: moves of those that count, and what is wanted. */
  asksOn?: { counted: readonly string[]; why: string };
  /** It has to be planned and asked about again, and why. */
  planAgain?: string;
}

/**
 * Something that has happened; the only input of the core. Times are the database's, RFC 3339 UTC.
 * Each fact becomes one audit entry, so nothing secret and nothing large may be in one.
 */
export type Fact =
  | { type: 'merge-request-read'; reading: MergeRequestReading }
  | {
      type: 'command-received';
      noteId: number;
      by: Asker;
      command: Command;
      /** What the server says of emergencies, where the command is about one and they are provided for. */
      glass?: GlassTerms;
    }
  /** Something a gate looks at may have moved; `clock` when it is known to, by the time; `sweep` when nobody said so and it is only time to look again. */
  | {
      type: 'surroundings-changed';
      source: 'webhook' | 'sweep' | 'clock';
      what: string;
      /** Projects that another change has let go. */
      freed?: readonly string[];
    }
  | { type: 'ticket-opened'; number: number; key: string; url: string }
  | { type: 'ticket-withdrawn'; key: string; round: number }
  | { type: 'ticket-presented'; key: string; round: number; tupleHash: string; moveId: string }
  /** The ticket says what is going to be done with nobody asked, and is bound to it. */
  | { type: 'ticket-prepared'; key: string; round: number; tupleHash: string }
  /** `bot` is the service's own account in the ticket system. */
  | {
      type: 'ticket-read';
      reading: TicketReading;
      bot: string;
      /** `reviewMark` of the change when the reading was begun: an older picture says nothing of the present review. */
      during: string;
      /** Who those that decided were in the directory at that moment, by account. */
      deciders?: Readonly<Record<string, Decider>>;
    }
  | { type: 'ticket-closed'; key: string; checkpoint?: string }
  /** Before any of them is planned: from now on they belong to this change alone, all of them or none. */
  | { type: 'projects-reserved'; planRunId: string; projects: readonly string[] }
  /** `project` could not be reserved, since another change holds it. */
  | { type: 'project-held'; project: string; planRunId: string; by: Omit<Holder, 'project'> }
  | {
      type: 'plan-run-ended';
      planRunId: string;
      project: string;
      outcome: PlanRunOutcome;
      isolation?: string;
    }
  | { type: 'gates-evaluated'; verdicts: readonly GateVerdict[] }
  /** With `state` where a supervisor is ready to start and has read it; nobody else can while the attempt has its folder. */
  | { type: 'evaluation-stale'; project: string; evaluationId: string; state?: PlanRef['state'] }
  | { type: 'attempt-claimed'; project: string; attemptId: string; planRunId: string; bundleHash: string }
  | {
      type: 'attempt-started';
      project: string;
      attemptId: string;
      host: string;
      pid: number;
      /** How the run is kept from the service and from other runs. */
      isolation: string;
      /** The state as it was read right before terraform was started. */
      state: PlanRef['state'] | 'unreadable';
    }
  | { type: 'attempt-ended'; project: string; attemptId: string; outcome: AttemptOutcome }
  | { type: 'attempt-lost'; project: string; attemptId: string; reason: string }
  | {
      type: 'attempt-resolved';
      project: string;
      attemptId: string;
      as: 'applied' | 'not-applied';
      by: Asker | { cli: string };
      reason: string;
      noteId?: number;
    }
  | { type: 'hold-released'; project: string; by: Asker | { cli: string }; reason: string }
  /** A checkpoint covering everything up to the last apply was signed; the tag's message, which carries it, is fixed here. */
  | { type: 'release-prepared'; message: string }
  /** `object`: id of the tag's own git object; `text`: SHA-256 of its message, as in `TagPicture`. */
  | { type: 'release-tagged'; tag: string; sha: string; text: string; object?: string }
  | { type: 'release-refused'; tag: string; reason: string }
  /** A tag named after the change's ticket was looked at long after, or without, its release: as the log has it, and as it stands. */
  | {
      type: 'release-tag-seen';
      tag: string;
      standing: TagStanding;
      made?: TagPicture;
      found?: TagPicture;
    }
  | { type: 'merged'; sha: string | undefined }
  | { type: 'merge-refused'; reason: string }
  | { type: 'compared-after-merge'; differing: readonly string[] }
  | { type: 'apply-verified'; project: string; attemptId: string; result: VerificationResult }
  /** What was applied under broken glass is in front of the approver. */
  | { type: 'debt-presented'; key: string; round: number; tupleHash: string; moveId: string }
  | { type: 'debt-judged'; key: string; round: number; judgement: DebtJudgement }
  | { type: 'debt-overdue'; key: string }
  /** A merge request takes back what was released under the ticket `key`. */
  | {
      type: 'rollback-opened';
      noteId: number;
      by: Asker;
      key: string;
      iid: number;
      branch: string;
      sha: string;
    }
  | { type: 'rollback-refused'; noteId: number; by: Asker; key: string; refusals: readonly Refusal[] }
  /** What a person asked for outside of the core's own commands was refused. */
  | { type: 'request-refused'; request: 'resolve' | 'unlock'; project: string; refusals: readonly Refusal[] }
  | { type: 'plan-expired'; project: string; planRunId: string }
  /** The approvals of a round of review are older than the tier lets them be; `planAgain`: projects whose plans are old as well. */
  | { type: 'approval-expired'; key: string; round: number; planAgain: readonly string[] };

/** What was decided afterwards, as far as it counts. */
export type DebtJudgement =
  | { kind: 'approved'; verdicts: readonly Verdict[]; evidenceDigest: string }
  /** `dropped`: moves to Approved that do not count, while `given` do. */
  | { kind: 'more-wanted'; given: readonly Verdict[]; dropped: readonly string[]; why: string }
  | { kind: 'rejected'; verdict: Verdict }
  | { kind: 'not-counting'; why: string };

export type PlanRunOutcome =
  | { kind: 'planned'; plan: PlanRef }
  | { kind: 'no-changes'; digest: string }
  | { kind: 'failed'; reason: string };

export type AttemptOutcome =
  | { kind: 'succeeded'; serialAfter: string | undefined; logDigest: string }
  | {
      kind: FailureClass;
      reason: string;
      serialAfter: string | undefined;
      logDigest: string;
      /** Nothing was started, for a reason that passes by itself: no person has to look at it first. */
      passing?: true;
    };

export type FactType = Fact['type'];
export type FactOf<T extends FactType> = Extract<Fact, { type: T }>;
