export type MergeStatus =
  | 'preparing'
  | 'unchecked'
  | 'checking'
  | 'can_be_merged'
  | 'cannot_be_merged'
  | 'cannot_be_merged_recheck';

export interface DiffVersion {
  id: number;
  headSha: string;
  baseSha: string;
  startSha: string;
  changedFiles: number;
  createdAt: string;
}

export interface MergeRequest {
  id: number;
  iid: number;
  projectId: number;
  sourceProjectId: number;
  sourceBranch: string;
  targetBranch: string;
  title: string;
  description: string | null;
  state: 'opened' | 'closed' | 'merged' | 'locked';
  authorId: number;
  assigneeIds: number[];
  reviewerIds: number[];
  labels: string[];
  createdAt: string;
  updatedAt: string;
  preparedAt: string | null;
  mergedAt: string | null;
  mergeUserId: number | null;
  closedAt: string | null;
  closedById: number | null;
  sha: string;
  versions: DiffVersion[];
  mergeStatus: MergeStatus;
  /** Counts changes of either branch; a mergeability check that began under an older number is thrown away. */
  mergeCheck: number;
  rebaseNeeded: boolean;
  mergeCommitSha: string | null;
  squashCommitSha: string | null;
  mergeError: string | null;
  rebaseInProgress: boolean;
  squash: boolean;
  removeSourceBranch: boolean;
  autoMerge: AutoMerge | null;
  /** Its place on a merge train, if it has one. */
  car: TrainCar | null;
  /** One of its branches was deleted while it was open. */
  branchMissing: boolean;
  approvals: { userId: number; at: string }[];
  notes: Note[];
  awards: Award[];
}

export interface AutoMerge {
  userId: number;
  sha: string;
  options: MergeOptions;
  /** It joins a merge train instead of being merged. */
  train: boolean;
}

export interface TrainCar extends MergeResult {
  userId: number;
  options: MergeOptions;
  /** What the branch is before this one: its head, or the result of the car in front. */
  base: string;
  pipelineId: number;
  joinedAt: string;
}

/** Commits made for a merge: what the target branch becomes, and the merge commit if there is one. */
export interface MergeResult {
  head: string;
  mergeCommit: string | null;
}

export interface MergeOptions {
  squash?: boolean;
  shouldRemoveSourceBranch?: boolean;
  mergeCommitMessage?: string;
  squashCommitMessage?: string;
}

export interface Note {
  id: number;
  body: string;
  authorId: number;
  system: boolean;
  internal: boolean;
  createdAt: string;
  updatedAt: string;
  discussionId: string;
  /** null for a plain comment; resolvable notes are those of a thread. */
  type: null | 'DiscussionNote';
  resolvedById: number | null;
  resolvedAt: string | null;
  awards: Award[];
}

export interface Award {
  id: number;
  name: string;
  userId: number;
  createdAt: string;
}
