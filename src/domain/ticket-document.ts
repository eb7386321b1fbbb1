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
