import type { TicketReading, TicketStatus } from '#domain/fact.ts';

/** A ticket's text as a document tree, the way both flavours of JIRA can render it. */
export type TicketBlock =
  | { kind: 'heading'; level: 1 | 2 | 3; text: string }
  | { kind: 'paragraph'; parts: TicketText[] }
  | { kind: 'panel'; tone: 'info' | 'success' | 'warning' | 'error'; parts: TicketText[] }
  | { kind: 'bullets'; items: TicketText[][] }
  | { kind: 'table'; header: string[]; rows: TicketText[][][] }
  | { kind: 'code'; language?: string; text: string };

export type TicketText =
  | { text: string; style?: 'plain' | 'strong' | 'code' }
  | { text: string; href: string };

export interface TicketContent {
  /** At most 255 characters, one line. */
  summary: string;
  body: TicketBlock[];
}

export interface TicketBinding {
  changeId: string;
  revision: number;
  tupleHash: string;
}

export interface TicketAttachment {
  name: string;
  mediaType: string;
  content: Buffer;
}

/**
 * Where approvals are decided. Every method first looks for its own earlier result, so each may be called again
 * after an unclear outcome. Faults are `TicketFault`s; what the workflow refuses is a value.
 */
export interface Ticketing {
  /** Opens the ticket labelled `countersign-<changeId>` with its binding in the creating call, or adopts the one that is there for this `number`. */
  open(request: {
    changeId: string;
    number: number;
    content: TicketContent;
    binding: TicketBinding;
    previous?: string;
  }): Promise<{ key: string; url: string }>;
  read(key: string): Promise<TicketReading>;
  /** Replaces text and binding and adds the attachments that are not there yet. */
  update(
    key: string,
    update: { content: TicketContent; binding: TicketBinding; attachments: TicketAttachment[] },
  ): Promise<void>;
  /** Moves the ticket, naming the status it must come from; `moved: false` when it was elsewhere or the workflow refused. Returns the changelog id of the move. */
  move(
    key: string,
    from: readonly TicketStatus[],
    to: TicketStatus,
  ): Promise<{ moved: true; moveId: string } | { moved: false; status: TicketStatus; reason: string }>;
  comment(key: string, marker: string, body: TicketBlock[]): Promise<void>;
  link(key: string, link: { globalId: string; url: string; title: string; resolved: boolean }): Promise<void>;
  /** Keys of our open tickets updated since (RFC 3339), for the sweep. */
  updatedSince(since: string): Promise<string[]>;
}
