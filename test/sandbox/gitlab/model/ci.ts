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
  source: 'external' | 'push' | 'merge_request_event' | 'web';
  status: CiStatus;
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
