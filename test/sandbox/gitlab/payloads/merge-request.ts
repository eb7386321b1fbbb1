import { isDraft } from '../draft.ts';
import { readCommit } from '../git/history.ts';
import { detailedMergeStatus, publicMergeStatus, unresolvedThreads } from '../merge-status.ts';
import type { MergeRequest, User } from '../model.ts';
import { lastPipeline } from '../pipelines.ts';
import { knows } from '../versions.ts';
import { mergeRequestUrl, sourceProject, targetProject, userById, type World } from '../world.ts';
import { commitPart, hookTime, projectPart, repositoryPart, userPart } from './parts.ts';

export type MergeRequestAction =
  | 'open'
  | 'close'
  | 'reopen'
  | 'update'
  | 'approved'
  | 'unapproved'
  | 'approval'
  | 'unapproval'
  | 'merge';

export type Changes = Record<string, { previous: unknown; current: unknown }>;

interface Details {
  /** Only new commits carry it: the head before. */
  oldrev?: string;
  changes?: Changes;
  /** An approval reset made by GitLab itself (18.6+). */
  systemAction?: string;
}

export async function mergeRequestPayload(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  action: MergeRequestAction,
  details: Details = {},
) {
  const project = targetProject(world, mergeRequest);
  return {
    object_kind: 'merge_request',
    event_type: 'merge_request',
    user: userPart(user),
    project: projectPart(world, project),
    object_attributes: {
      ...(await mergeRequestAttributes(world, mergeRequest)),
      action,
      ...(details.oldrev === undefined ? {} : { oldrev: details.oldrev }),
      ...(knows(world.version, 'approval-system-events') ? approvalReset(details) : {}),
    },
    labels: labelParts(world, mergeRequest, mergeRequest.labels),
    changes: details.changes ?? {},
    repository: repositoryPart(world, project),
    ...people(world, mergeRequest),
  };
}

function approvalReset({ systemAction }: Details) {
  return {
    system: systemAction !== undefined,
    ...(systemAction === undefined ? {} : { system_action: systemAction }),
  };
}

/** `Gitlab::HookData::MergeRequestBuilder`: the hash that merge request, note and pipeline events share. */
export async function mergeRequestAttributes(world: World, mergeRequest: MergeRequest) {
  const project = targetProject(world, mergeRequest);
  const source = sourceProject(world, mergeRequest);
  const commit = await readCommit(project.repository, mergeRequest.sha);
  return {
    assignee_id: mergeRequest.assigneeIds[0] ?? null,
    author_id: mergeRequest.authorId,
    created_at: hookTime(mergeRequest.createdAt),
    description: mergeRequest.description ?? '',
    draft: isDraft(mergeRequest.title),
    head_pipeline_id: lastPipeline(world, mergeRequest)?.pipeline.id ?? null,
    id: mergeRequest.id,
    iid: mergeRequest.iid,
    last_edited_at: null,
    last_edited_by_id: null,
    merge_commit_sha: mergeRequest.mergeCommitSha,
    merge_error: mergeRequest.mergeError,
    merge_params: { force_remove_source_branch: mergeRequest.removeSourceBranch ? '1' : '0' },
    merge_status: publicMergeStatus(mergeRequest),
    merge_user_id: mergeRequest.mergeUserId,
    merge_when_pipeline_succeeds: mergeRequest.autoMerge !== null,
    milestone_id: null,
    source_branch: mergeRequest.sourceBranch,
    source_project_id: mergeRequest.sourceProjectId,
    state_id: { opened: 1, closed: 2, merged: 3, locked: 4 }[mergeRequest.state],
    target_branch: mergeRequest.targetBranch,
    target_project_id: mergeRequest.projectId,
    time_estimate: 0,
    title: mergeRequest.title,
    updated_at: hookTime(mergeRequest.updatedAt),
    updated_by_id: null,
    prepared_at: hookTime(mergeRequest.preparedAt),
    assignee_ids: mergeRequest.assigneeIds,
    blocking_discussions_resolved: unresolvedThreads(mergeRequest) === 0,
    detailed_merge_status: detailedMergeStatus(world, mergeRequest),
    first_contribution: false,
    human_time_change: null,
    human_time_estimate: null,
    human_total_time_spent: null,
    labels: labelParts(world, mergeRequest, mergeRequest.labels),
    last_commit: commit === undefined ? null : commitPart(world, source ?? project, commit),
    reviewer_ids: mergeRequest.reviewerIds,
    source: source === undefined ? null : projectPart(world, source),
    state: mergeRequest.state,
    target: projectPart(world, project),
    time_change: 0,
    total_time_spent: 0,
    url: mergeRequestUrl(world, mergeRequest),
    work_in_progress: isDraft(mergeRequest.title),
    approval_rules: [],
  };
}

export function labelParts(world: World, mergeRequest: MergeRequest, names: string[]) {
  const project = targetProject(world, mergeRequest);
  return names.map((name) => {
    const label = project.labels.find((one) => one.name === name);
    return {
      id: label?.id ?? 0,
      title: name,
      color: label?.color ?? '#6699cc',
      project_id: project.id,
      created_at: hookTime(project.createdAt),
      updated_at: hookTime(project.createdAt),
      template: false,
      description: null,
      type: 'ProjectLabel',
      group_id: null,
    };
  });
}

function people(world: World, mergeRequest: MergeRequest) {
  const parts = (ids: number[]) => ids.map((id) => userPart(userById(world, id)));
  return {
    ...(mergeRequest.assigneeIds.length > 0 ? { assignees: parts(mergeRequest.assigneeIds) } : {}),
    ...(mergeRequest.reviewerIds.length > 0 ? { reviewers: parts(mergeRequest.reviewerIds) } : {}),
  };
}
