import type { TicketBlock } from '#domain/ticket-document.ts';
import type { TicketMove } from '#domain/fact.ts';
import type { TicketAttachment } from '#app/ports/ticketing.ts';
import type { JiraOptions } from './options.ts';

/**
 * One JIRA, as far as its flavours differ: how it is asked, how it writes people and rich text, how it pages. What is
 * done with it is the same for both and is told beside this file. Keys and ids are checked by whoever makes a path of
 * them. Every method throws a `JiraFault` for an answer that is none.
 */
export interface JiraSite extends JiraSurroundings {
  readonly options: JiraOptions;
  /** Our own account, as moves name it: as configured, or asked once per process, and again after a failure. */
  self(): Promise<string>;
  /** Who our credentials belong to. */
  me(): Promise<Person>;
  /** Somebody by account, with the kind of the account where this JIRA knows kinds. */
  lookUp(account: string): Promise<Person>;
  /** Who a user object of an answer is. */
  person(user: unknown): Person;
  /** How a request names an account in a field of users. */
  userReference(account: string): Promise<Record<string, string>>;
  /** Rich text as this JIRA stores it, as far as it takes it; untrusted text in it is never markup. */
  richText(blocks: readonly TicketBlock[]): unknown;
  /** Its characters as JIRA counts them. */
  readonly lengthOf: (blocks: readonly TicketBlock[]) => number;
  /** What rich text as answered says, block by block. */
  linesOf(richText: unknown): string[];

  /** The issue as answered, with its binding; `undefined` when it is gone or hidden from our account. */
  issue(key: string): Promise<unknown>;
  /** Every entry of the changelog as answered, oldest first. */
  histories(key: string): Promise<readonly unknown[]>;
  /** Both, from one moment where JIRA can do that. */
  issueWithHistories(key: string): Promise<{ issue: unknown; histories: readonly unknown[] } | undefined>;
  createIssue(request: IssueRequest): Promise<{ id: string; key: string }>;
  editIssue(key: string, request: IssueRequest): Promise<void>;
  transitions(key: string): Promise<readonly { id: string; to: string }[]>;
  transition(key: string, id: string): Promise<void>;
  /** At most `most` issues; with `justMade`, as fresh as this JIRA can answer for these. */
  search(query: { jql: string; most: number; justMade?: readonly string[] }): Promise<FoundIssue[]>;
  /** Newest first. */
  comments(key: string): AsyncIterable<FoundComment>;
  addComment(key: string, blocks: readonly TicketBlock[]): Promise<void>;
  editComment(key: string, id: string, blocks: readonly TicketBlock[]): Promise<void>;
  attachments(key: string): Promise<readonly FoundAttachment[]>;
  attach(key: string, file: TicketAttachment): Promise<void>;
  /** A link with the same `globalId` is replaced. */
  putLink(key: string, link: LinkRequest): Promise<void>;
  /** Users in the group, as answered. */
  groupMembers(group: string): AsyncIterable<unknown>;
}

/** What is around our tickets: the project, its fields and statuses, our account's rights, the service desk. */
export interface JiraSurroundings {
  /** `path` is relative to `/rest/servicedeskapi/`. */
  serviceDesk(method: 'GET' | 'POST', path: string, input: ServiceDeskInput): Promise<unknown>;
  /** Names of the groups our own account is in. */
  ownGroups(): Promise<readonly string[]>;
  /** Those of the permissions that our own account has in the project. */
  permissions(wanted: readonly string[]): Promise<readonly string[]>;
  /** Statuses in the workflow of each issue type of the project, as answered. */
  projectStatuses(): Promise<unknown>;
  /** Every field there is, as answered. */
  fields(): Promise<unknown>;
  /** Issue types that our account may create in the project, as answered. */
  createIssueTypes(): Promise<readonly unknown[]>;
  /** Fields of the create screen of an issue type, as answered. */
  createFields(issueTypeId: string): Promise<readonly unknown[]>;
}

export interface ServiceDeskInput {
  query?: Readonly<Record<string, string | number>>;
  body?: unknown;
}

export interface Person {
  /** Empty for deleted and anonymised accounts. */
  account: string;
  name?: string;
  kind: TicketMove['accountKind'];
  active: boolean;
}

export interface IssueRequest {
  fields: Record<string, unknown>;
  update?: Record<string, unknown>;
  properties?: { key: string; value: unknown }[];
}

export interface FoundIssue {
  id: string;
  key: string;
  summary: string;
  creator: Person;
}

export interface FoundComment {
  id: string;
  author: Person;
  /** What it says, block by block. */
  lines: readonly string[];
}

export interface FoundAttachment {
  name: string;
  size: number;
  author: Person;
}

export interface LinkRequest {
  globalId: string;
  relationship: string;
  url: string;
  title: string;
  resolved: boolean;
}
