import type { CommitStatus, Pipeline } from './ci.ts';
import type { Hook } from './hook.ts';
import type { MergeRequest } from './merge-request.ts';
import type { Membership } from './people.ts';
import type { TerraformState } from './terraform-state.ts';

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
  /** Premium: merge requests may be merged by a train. */
  mergeTrains: boolean;
  /** Statuses a pipeline may have; one that is full takes no new names. */
  pipelineJobLimit: number;
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
  /** No name where one push did the same to many. */
  ref: string | null;
  refCount: number | null;
  action: 'created' | 'pushed' | 'removed';
  commitFrom: string | null;
  commitTo: string | null;
  commitTitle: string | null;
  commitCount: number;
}
