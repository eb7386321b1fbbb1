/** One thing that happened to a change, in a sentence. */
export interface TimelineItem {
  at: string;
  tone: 'plain' | 'good' | 'bad' | 'warning';
  what: string;
  /** More words: a reason, a commit. */
  detail?: string;
  who?: string;
  /** The run whose log tells more. */
  runId?: string;
  /** Index of the audit entry that says so. */
  entry?: number;
}
