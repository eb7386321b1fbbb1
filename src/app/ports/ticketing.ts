import type { TicketReading, TicketStatus } from '#domain/fact.ts';
import type { TicketBlock, TicketContent, TicketText } from '#domain/ticket-document.ts';

export type { TicketBlock, TicketContent, TicketText };

export interface TicketBinding {
  changeId: string;
  revision: number;
  tupleHash: string;
  /** The round of review it is bound for; absent until the first. */
  round?: number;
}

export interface TicketAttachment {
  name: string;
  mediaType: string;
  content: Buffer;
}

/** One thing about the ticket system that was looked at, for `countersign doctor`. */
export interface TicketFinding {
  /** Such as `account`, `status approved`, `field customfield_10042`. */
  subject: string;
  /** `doubtful`: it could not be told. */
  state: 'well' | 'doubtful' | 'wrong';
  found: string;
  remedy?: string;
}

/**
 * Where approvals are decided. Every method first looks for its own earlier result, so each may be called again
 * after an unclear outcome. Faults are `Fault`s; what the workflow refuses is a value.
 */
export interface Ticketing {
  /** Id of our own account, for telling our moves from others'. */
  self(): Promise<string>;
  /**
   * Opens the ticket labelled `countersign-<changeId>` with its binding in the creating call, or adopts the one that is
   * there for this `number`. With `mayExist` an earlier call's outcome is unknown: since the search index lags, the
   * adapter then looks for up to half a minute before it opens another.
   */
  open(request: {
    changeId: string;
    number: number;
    content: TicketContent;
    binding: TicketBinding;
    previous?: string;
    mayExist?: boolean;
  }): Promise<{ key: string; url: string }>;
  read(key: string): Promise<TicketReading>;
  /** Adds the attachments that are not there yet (a name is one content for ever), then replaces text and binding. */
  update(
    key: string,
    update: { content: TicketContent; binding: TicketBinding; attachments: TicketAttachment[] },
  ): Promise<void>;
  /**
   * Moves the ticket, naming the status it must come from; `moved: false` when it was elsewhere or the workflow refused.
   * Returns the changelog id of the move, also when an earlier call of ours made it.
   */
  move(
    key: string,
    from: readonly TicketStatus[],
    to: TicketStatus,
  ): Promise<{ moved: true; moveId: string } | { moved: false; status: TicketStatus; reason: string }>;
  /** Adds the comment that ends with `marker`, once. */
  comment(key: string, marker: string, body: TicketBlock[]): Promise<void>;
  /** The comment that ends with `marker` says this from now on: it is edited, or added where there is none yet. */
  putComment(key: string, marker: string, body: TicketBlock[]): Promise<void>;
  /** Our own comments as plain text, newest first: what the ticket can witness of the audit log. */
  ownComments(key: string): Promise<string[]>;
  link(key: string, link: { globalId: string; url: string; title: string; resolved: boolean }): Promise<void>;
  /** Keys of our open tickets updated since (RFC 3339), for the sweep. */
  updatedSince(since: string): Promise<string[]>;
  /** Accounts of the active people in the group, subgroups included where the system has them. A group that is not shown is a `Fault`. */
  groupMembers(group: string): Promise<string[]>;
  /**
   * Looks at everything that has to be right there before a change can be approved: account, rights, groups, statuses and
   * transitions by id, and the fields that are configured or required. Changes nothing.
   */
  examine(): Promise<TicketFinding[]>;
}
