import type { Refusal } from './refusal.ts';
import type { Command, Question } from './command.ts';
import type { TicketOutcome } from './change.ts';
import type { PlanCounts } from './plan-ref.ts';
import type { Asker, ProjectStatus } from './project.ts';

/**
 * Something that must now be done; the only output of the core besides the next state. The name of an effect is the
 * name of its job and of its worker file. `publish-…` effects are desired state: they carry no content, whoever runs
 * one shows what the change looks like at that moment, and a second one waiting is the same one.
 */
export type Effect =
  | { type: 'read-merge-request' }
  | { type: 'read-ticket' }
  | { type: 'open-ticket'; number: number; previous?: string }
  | { type: 'withdraw-ticket' }
  | { type: 'present-ticket' }
  /** Approvals count and are not enough: the ticket is put in front of the next approver. */
  | { type: 'ask-on' }
  | { type: 'close-ticket'; key: string; outcome: TicketOutcome; reason: string }
  | { type: 'run-plan'; project: string; planRunId: string }
  | { type: 'stop-plan'; planRunId: string }
  | { type: 'collect-evidence'; projects: readonly { key: string; evaluationId: string }[] }
  /** At a time (RFC 3339 UTC) at which a gate's answer turns by itself: a window opens, a freeze begins. */
  | { type: 'wake-change'; at: string }
  /** Whoever is waited for is told so on the ticket. */
  | { type: 'remind-approvers' }
  | { type: 'run-apply'; project: string; attemptId: string }
  | { type: 'verify-apply'; project: string; attemptId: string }
  | { type: 'interrupt-apply'; attemptId: string }
  | { type: 'prepare-release' }
  | { type: 'tag-release'; tag: string; sha: string; message: string }
  /** Desired state: the ticket says how its release tag stands, where that is not as it was made. */
  | { type: 'tell-release-tag'; tag: string }
  | { type: 'merge-change' }
  | { type: 'compare-after-merge' }
  /** Projects this change has just let go of: whoever waits for one is asked again. */
  | { type: 'tell-waiting'; projects: readonly string[] }
  | { type: 'publish-note' }
  | { type: 'publish-status' }
  | {
      type: 'resolve-attempt';
      project: string;
      attemptId: string;
      as: 'applied' | 'not-applied';
      by: Asker;
      reason: string;
      noteId: number;
    }
  /** Desired state: everybody who has to know is told where an emergency stands. */
  | { type: 'tell-break-glass' }
  /** What was applied in an emergency under this ticket is put in front of the approver, or asked about again. */
  | { type: 'review-debt'; key: string }
  | { type: 'open-rollback'; noteId: number; by: Asker; key: string }
  | { type: 'answer-question'; noteId: number; question: Question; projects: readonly string[] }
  | { type: 'answer-command'; noteId: number; command: Command; outcome: CommandOutcome };

/** What became of a command, told to whoever gave it. */
export type CommandOutcome =
  | { kind: 'accepted'; doing: string }
  /** The change is busy: it is done when `behind` is over. */
  | { kind: 'waiting'; behind: string }
  | { kind: 'refused'; refusals: readonly Refusal[] }
  /** What it set going has come to rest. */
  | { kind: 'done'; results: readonly CommandResult[] }
  | { kind: 'help' };

/** Where a command left one project. */
export interface CommandResult {
  project: string;
  status: ProjectStatus;
  /** What its plan would do, or what was applied. */
  counts?: PlanCounts;
  /** Why it is not where it was meant to be. */
  reason?: string;
}

export type EffectType = Effect['type'];
export type EffectOf<T extends EffectType> = Extract<Effect, { type: T }>;
