import type { TicketStatus } from '#domain/fact.ts';
import type { JiraCall } from './attempts.ts';
import type { FieldSettings } from '#domain/ticket-fields.ts';

/** How to open tickets as requests of the service desk. */
export interface RequestKind {
  serviceDeskId: string;
  requestTypeId: string;
}

/** What every JIRA has to be told, whatever its flavour. */
export interface JiraOptions {
  /** `https://example.atlassian.net`, `https://jira.example.com/jira` */
  baseUrl: string;
  projectKey: string;
  issueType: { id: string } | { name: string };
  /** Status ids of the workflow, by what they mean to us. */
  statusIds: Readonly<Record<Exclude<TicketStatus, 'other'>, string>>;
  /** Our own account, as the changelog names it; asked of JIRA when left out. */
  botAccount?: string;
  /** Groups whose members approve; our own account may be in none of them. */
  approverGroups?: readonly string[];
  /** What our tickets carry beside summary and description. */
  fields?: FieldSettings;
  /** Approvals are given in Jira Service Management; with ids, tickets are opened as requests of that type. */
  serviceManagement?: { request?: RequestKind };
  onCall?: (call: JiraCall) => void;
  /** For one attempt, default 20 s. */
  timeoutMs?: number;
  /** How long the search index may lag behind, default 30 s. */
  indexLagMs?: number;
  now?: () => Date;
}
