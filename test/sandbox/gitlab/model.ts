/** The data that the double keeps: GitLab's nouns, reduced to what its API shows. Times are ISO 8601 strings in UTC. */

export type Version = '17.3' | '18.6' | '19.0';

/** GitLab's roles as its API numbers them. */
export const LEVEL = {
  none: 0,
  guest: 10,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
  admin: 60,
} as const;

export interface User {
  id: number;
  username: string;
  name: string;
  state: 'active' | 'blocked';
  email: string;
  publicEmail: string | null;
  bot: boolean;
  createdAt: string;
}

export interface Membership {
  userId: number;
  accessLevel: number;
  expiresAt: string | null;
}

export interface Group {
  id: number;
  fullPath: string;
  name: string;
  members: Membership[];
}

export interface Token {
  id: number;
  value: string;
  name: string;
  userId: number;
  scopes: string[];
  createdAt: string;
  expiresAt: string | null;
  revoked: boolean;
  lastUsedAt: string | null;
  /** Set for deploy tokens: they belong to a project and need their own user name with git. */
  deploy: { projectId: number; username: string } | null;
}

/** Who may do something on a protected ref: a level, or one user (GitLab Premium). */
export interface AccessRule {
  id: number;
  accessLevel: number | null;
  userId: number | null;
}

export interface ProtectedBranch {
  id: number;
  name: string;
  push: AccessRule[];
  merge: AccessRule[];
  allowForcePush: boolean;
  codeOwnerApprovalRequired: boolean;
}

export interface ProtectedTag {
  name: string;
  create: AccessRule[];
}

export interface ProjectSettings {
  onlyAllowMergeIfPipelineSucceeds: boolean;
  allowMergeOnSkippedPipeline: boolean;
  onlyAllowMergeIfAllDiscussionsAreResolved: boolean;
  onlyAllowMergeIfAllStatusChecksPassed: boolean;
  mergeMethod: 'merge' | 'rebase_merge' | 'ff';
  squashOption: 'never' | 'always' | 'default_on' | 'default_off';
  removeSourceBranchAfterMerge: boolean;
  resetApprovalsOnPush: boolean;
  authorMayApprove: boolean;
  /** Premium: how many approvals a merge request needs. */
  approvalsRequired: number;
}

export interface Project {
  id: number;
  path: string;
  name: string;
  namespace: string;
  groupId: number | null;
  visibility: 'private' | 'internal' | 'public';
  defaultBranch: string;
  description: string | null;
  createdAt: string;
  repository: string;
  forkedFrom: number | null;
  members: Membership[];
  settings: ProjectSettings;
  protectedBranches: ProtectedBranch[];
  protectedTags: ProtectedTag[];
  releases: Release[];
  mergeRequests: MergeRequest[];
  pipelines: Pipeline[];
  statuses: CommitStatus[];
  hooks: Hook[];
  events: PushEvent[];
  labels: Label[];
  terraformStates: Map<string, TerraformState>;
}

export interface Label {
  id: number;
  name: string;
  color: string;
}

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
  approvals: { userId: number; at: string }[];
  notes: Note[];
  awards: Award[];
}

export interface AutoMerge {
  userId: number;
  sha: string;
  options: MergeOptions;
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

export interface Release {
  tagName: string;
  name: string;
  description: string;
  authorId: number;
  createdAt: string;
  releasedAt: string;
}

export interface PushEvent {
  id: number;
  authorId: number;
  createdAt: string;
  refType: 'branch' | 'tag';
  ref: string;
  action: 'created' | 'pushed' | 'removed';
  commitFrom: string | null;
  commitTo: string | null;
  commitTitle: string | null;
  commitCount: number;
}

export const HOOK_EVENTS = [
  'push_events',
  'tag_push_events',
  'merge_requests_events',
  'note_events',
  'confidential_note_events',
  'pipeline_events',
  'job_events',
  'deployment_events',
  'releases_events',
  'emoji_events',
  'issues_events',
  'confidential_issues_events',
  'wiki_page_events',
  'repository_update_events',
  'feature_flag_events',
  'resource_access_token_events',
] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

export interface Hook {
  id: number;
  projectId: number;
  url: string;
  name: string | null;
  description: string | null;
  createdAt: string;
  events: Record<HookEvent, boolean>;
  pushEventsBranchFilter: string;
  branchFilterStrategy: string;
  enableSslVerification: boolean;
  token: string | null;
  signingToken: string | null;
  customHeaders: { key: string; value: string }[];
  recentFailures: number;
  disabledUntil: string | null;
  log: HookLog[];
}

export interface HookLog {
  id: number;
  hookId: number;
  trigger: HookEvent;
  url: string;
  idempotencyKey: string;
  requestHeaders: Record<string, string>;
  requestBody: string;
  responseStatus: string;
  responseHeaders: Record<string, string>;
  responseBody: string;
  executionDuration: number;
  createdAt: string;
}

export interface TerraformLock {
  ID: string;
  Operation: string;
  Info: string;
  Who: string;
  Version: string;
  Created: string;
  Path: string;
}

export interface TerraformState {
  name: string;
  lock: TerraformLock | null;
  versions: { serial: number; body: Buffer; userId: number; createdAt: string }[];
}
