import type { MandateRef } from './mandate.ts';

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
  | {
      status: 'closed';
      number: number;
      key: string;
      url: string;
      outcome: TicketOutcome;
      /** The standing approval that it went by, if it did. */
      mandate?: MandateRef;
    };

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
  | {
      status: 'presenting';
      round: number;
      tupleHash: string;
      why?: string;
      /** Nobody is to be asked: the ticket only says what is going to be done, and under which terms. */
      inAdvance?: true;
      /** It was to go without anybody being asked, and no standing approval covers it: `why` says so. */
      notCovered?: true;
    }
  /** Approved in advance, if a standing approval covers it; which one that is, the gates find out. */
  | { status: 'standing'; round: number; tupleHash: string; since: string; mandate?: MandateRef }
  | {
      status: 'in-review';
      round: number;
      tupleHash: string;
      moveId: string;
      since: string;
      /** Approvals that count and are not enough yet. */
      given: readonly Verdict[];
      /** What is wanted beside them, in words. */
      wanted?: string;
      /** Moves to Approved that were found not to count while others do. */
      dropped?: readonly string[];
    }
  | {
      status: 'approved';
      round: number;
      tupleHash: string;
      moveId: string;
      /** The last one: with it the ticket came to Approved. */
      verdict: Verdict;
      /** Those before it. */
      given: readonly Verdict[];
      dropped?: readonly string[];
      since: string;
    }
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
  /** When we first read of it, by the database's clock: its validity counts from here. */
  heardAt: string;
  /** Who that was in the directory when the decision was first read; absent when nobody knew them. */
  decider?: Decider;
}

/** Names an approval: what the gates said of one goes on no other. */
export type ApprovalRef =
  /** Ids of all moves to Approved that they looked at. */
  | { kind: 'decided'; moves: readonly string[] }
  /** Id of the mandate, where they found one. */
  | { kind: 'standing'; mandate?: string }
  /** The comment that asked for the glass to be broken. */
  | { kind: 'break-glass'; noteId: number };

/** A person of the directory as they were at one moment: somebody who loses a group later had it then. */
export interface Decider {
  /** Empty where nobody could be found while parts of the directory did not answer. */
  person: string;
  name: string;
  roles: readonly string[];
  groups: readonly string[];
  /** Ids of those who handed their approvals over to them. */
  insteadOf: readonly string[];
  /** Parts of the directory that did not answer. */
  unseen: readonly string[];
}
