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
  | { text: string; href: string }
  /** Somebody of the ticket system by their account there, who is told; `text` is their name. */
  | { text: string; mention: string };

export interface TicketContent {
  /** At most 255 characters, one line. */
  summary: string;
  body: TicketBlock[];
  /** The same with less of it, the longest first, for where the body is longer than the ticket system takes. */
  shorter?: readonly TicketBlock[][];
  /** For fields of the ticket, as far as they are configured. */
  values?: TicketValues;
}

/** What fields of a ticket may be filled with; text of others is in it, and none of it is markup. */
export interface TicketValues {
  tier: string;
  changeType: 'standard' | 'normal' | 'emergency';
  /** Why it is that tier. */
  tierReasons: readonly string[];
  /** `group/project` */
  repository: string;
  /** Address of the merge request. */
  mergeRequest: string;
  /** Address of the change's page. */
  change: string;
  /** Keys of the projects that something is done to. */
  projects: readonly string[];
  /** Labels of these projects by the server's configuration, with every value that one of them has. */
  labels: Readonly<Record<string, readonly string[]>>;
  /** Sections of the work plan, as far as they were written. */
  reason?: string;
  impact?: string;
  fallBack?: string;
  window?: string;
}
