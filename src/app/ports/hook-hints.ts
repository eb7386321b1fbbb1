/**
 * What a delivery of the code host makes worth reading again. Nothing of it is believed beyond the ids: whatever is decided
 * is read from the API. `repository` is the numeric id of the target project.
 */
export type CodeHostHint =
  | { kind: 'merge-request'; repository: number; iid: number }
  | { kind: 'command-note'; repository: number; iid: number; noteId: number }
  /** `ofStatuses`: made by a status that found no pipeline, so by us or another one like us. */
  | {
      kind: 'pipeline';
      repository: number;
      sha: string;
      iid?: number;
      pipelineId: number;
      ofStatuses: boolean;
    }
  | { kind: 'push'; repository: number; branch: string; after: string }
  | { kind: 'branch-gone'; repository: number; branch: string }
  | { kind: 'tag-push'; repository: number; tag: string }
  | { kind: 'ignored'; why: string; repository?: number };

/** The same for a delivery of the ticket system. */
export type TicketHint = { kind: 'ticket'; key: string } | { kind: 'ignored'; why: string };

/** What deliveries say, in terms of what to read again. */
export interface HintReaders {
  gitlab(body: string): CodeHostHint;
  jira(body: string): TicketHint;
}
