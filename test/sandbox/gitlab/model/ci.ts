export type CiStatus =
  | 'created'
  | 'pending'
  | 'running'
  | 'success'
  | 'failed'
  | 'canceled'
  | 'skipped'
  | 'manual';

export interface Pipeline {
  id: number;
  iid: number;
  sha: string;
  ref: string;
  /** The head of the merge request, where the pipeline runs on a result of merging it. */
  sourceSha: string | null;
  source: 'external' | 'push' | 'merge_request_event' | 'web';
  status: CiStatus;
  /** How the pipeline's own jobs stand, beside the statuses posted to it; null when it has none. */
  jobs: CiStatus | null;
  /** Too old to be written to. */
  archived: boolean;
  userId: number;
  createdAt: string;
  updatedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface CommitStatus {
  id: number;
  pipelineId: number;
  sha: string;
  ref: string;
  name: string;
  status: CiStatus;
  targetUrl: string | null;
  description: string | null;
  coverage: number | null;
  allowFailure: boolean;
  userId: number;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** A newer row of the same name in the same pipeline has taken its place. */
  retried: boolean;
}
