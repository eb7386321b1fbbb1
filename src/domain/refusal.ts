import type { GateReason } from './project.ts';

/**
 * A reasoned "no" to a person or a gate: a value, not an error. `reason` says what and why in words for people,
 * `remedy` who can do what about it.
 */
export interface Refusal {
  code: RefusalCode;
  reason: string;
  remedy: string;
  /** The project it is about, when it is about one. */
  project?: string;
  /** The gates that did not say yes, when gates are the reason. */
  gates?: readonly GateReason[];
}

export type RefusalCode =
  | 'not-admitted'
  | 'not-a-member'
  | 'not-permitted'
  | 'not-an-operator'
  | 'operator-is-requester'
  | 'nothing-to-apply'
  | 'nothing-to-cancel'
  | 'nothing-to-plan'
  | 'not-approved'
  | 'wave-not-open'
  | 'gates-closed'
  | 'already-applying'
  | 'attempt-running'
  | 'change-is-over'
  | 'unknown-command'
  | 'unknown-project'
  | 'not-held'
  | 'not-interrupted'
  | 'cancelled'
  | 'too-many'
  | 'break-glass-off'
  | 'unknown-person'
  | 'not-planned'
  | 'nothing-to-confirm'
  | 'confirmer-is-operator'
  | 'debt-unpaid'
  | 'nothing-to-roll-back'
  | 'others-changed-it'
  | 'stale'
  | 'fork';
