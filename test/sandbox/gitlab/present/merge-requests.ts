import { isDraft } from '../draft.ts';
import { detailedMergeStatus, publicMergeStatus, unresolvedThreads } from '../merge-status.ts';
import type { Award, MergeRequest, Note } from '../model.ts';
import { lastPipeline } from '../pipelines.ts';
import { mergeRequestUrl, projectPath, targetProject, userById, type World } from '../world.ts';
import { pipelineBasic, pipelineJson, userBasic, userBasicById } from './basics.ts';

/** `API::Entities::MergeRequestBasic`: a row of a list. */
export function mergeRequestBasic(world: World, mergeRequest: MergeRequest) {
  const project = targetProject(world, mergeRequest);
  const assignees = mergeRequest.assigneeIds.map((id) => userBasic(world, userById(world, id)));
  const reference = `!${mergeRequest.iid}`;
  return {
    id: mergeRequest.id,
    iid: mergeRequest.iid,
    project_id: mergeRequest.projectId,
    title: mergeRequest.title,
    description: mergeRequest.description,
    state: mergeRequest.state,
    created_at: mergeRequest.createdAt,
    updated_at: mergeRequest.updatedAt,
    merged_by: userBasicById(world, mergeRequest.mergeUserId),
    merge_user: userBasicById(world, mergeRequest.mergeUserId ?? mergeRequest.autoMerge?.userId ?? null),
    merged_at: mergeRequest.mergedAt,
    merge_after: null,
    closed_by: userBasicById(world, mergeRequest.closedById),
    closed_at: mergeRequest.closedAt,
    target_branch: mergeRequest.targetBranch,
    source_branch: mergeRequest.sourceBranch,
    user_notes_count: mergeRequest.notes.filter((note) => !note.system).length,
    upvotes: countAwards(mergeRequest, 'thumbsup'),
    downvotes: countAwards(mergeRequest, 'thumbsdown'),
    author: userBasicById(world, mergeRequest.authorId),
    assignees,
    assignee: assignees[0] ?? null,
    reviewers: mergeRequest.reviewerIds.map((id) => userBasic(world, userById(world, id))),
    source_project_id: mergeRequest.sourceProjectId,
    target_project_id: mergeRequest.projectId,
    labels: mergeRequest.labels,
    draft: isDraft(mergeRequest.title),
    imported: false,
    imported_from: 'none',
    work_in_progress: isDraft(mergeRequest.title),
    milestone: null,
    merge_when_pipeline_succeeds: mergeRequest.autoMerge !== null,
    merge_status: publicMergeStatus(mergeRequest),
    detailed_merge_status: detailedMergeStatus(world, mergeRequest),
    sha: mergeRequest.sha,
    merge_commit_sha: mergeRequest.mergeCommitSha,
    squash_commit_sha: mergeRequest.squashCommitSha,
    discussion_locked: null,
    should_remove_source_branch: mergeRequest.removeSourceBranch ? true : null,
    force_remove_source_branch: mergeRequest.removeSourceBranch,
    prepared_at: mergeRequest.preparedAt,
    reference,
    references: { short: reference, relative: reference, full: `${projectPath(project)}${reference}` },
    web_url: mergeRequestUrl(world, mergeRequest),
    time_stats: {
      time_estimate: 0,
      total_time_spent: 0,
      human_time_estimate: null,
      human_total_time_spent: null,
    },
    squash: mergeRequest.squash,
    squash_on_merge: mergeRequest.squash,
    task_completion_status: { count: 0, completed_count: 0 },
    has_conflicts: mergeRequest.mergeStatus === 'cannot_be_merged',
    blocking_discussions_resolved: unresolvedThreads(mergeRequest) === 0,
  };
}

/** `API::Entities::MergeRequest`: one merge request. */
export function mergeRequestJson(
  world: World,
  mergeRequest: MergeRequest,
  options: { mayMerge: boolean; rebase: boolean },
) {
  const version = mergeRequest.versions.at(-1);
  const head = lastPipeline(world, mergeRequest);
  return {
    ...mergeRequestBasic(world, mergeRequest),
    subscribed: false,
    changes_count: version === undefined ? null : String(version.changedFiles),
    latest_build_started_at: head?.pipeline.startedAt ?? null,
    latest_build_finished_at: head?.pipeline.finishedAt ?? null,
    first_deployed_to_production_at: null,
    pipeline: head === undefined ? null : pipelineBasic(world, head.project, head.pipeline),
    head_pipeline: head === undefined ? null : pipelineJson(world, head.project, head.pipeline),
    diff_refs:
      version === undefined
        ? null
        : { base_sha: version.baseSha, head_sha: version.headSha, start_sha: version.startSha },
    merge_error: mergeRequest.mergeError,
    first_contribution: false,
    user: { can_merge: options.mayMerge },
    ...(options.rebase ? { rebase_in_progress: mergeRequest.rebaseInProgress } : {}),
  };
}

/** `API::Entities::Note`. `changes` are those of the quick actions that came with the note. */
export function noteJson(
  world: World,
  mergeRequest: MergeRequest,
  note: Note,
  changes: Record<string, unknown> = {},
) {
  const resolvable = note.type !== null && !note.system;
  return {
    id: note.id,
    type: note.type,
    body: note.body,
    attachment: null,
    author: userBasicById(world, note.authorId),
    created_at: note.createdAt,
    updated_at: note.updatedAt,
    system: note.system,
    noteable_id: mergeRequest.id,
    noteable_type: 'MergeRequest',
    project_id: mergeRequest.projectId,
    resolvable,
    ...(resolvable
      ? {
          resolved: note.resolvedById !== null,
          resolved_by: userBasicById(world, note.resolvedById),
          resolved_at: note.resolvedAt,
        }
      : {}),
    confidential: note.internal,
    internal: note.internal,
    imported: false,
    imported_from: 'none',
    noteable_iid: mergeRequest.iid,
    commands_changes: changes,
  };
}

/** `API::Entities::AwardEmoji`. */
export function awardJson(
  world: World,
  award: Award,
  awardable: { type: 'MergeRequest' | 'Note'; id: number },
) {
  return {
    id: award.id,
    name: award.name,
    user: userBasicById(world, award.userId),
    created_at: award.createdAt,
    updated_at: award.createdAt,
    awardable_id: awardable.id,
    awardable_type: awardable.type,
    url: null,
  };
}

function countAwards(mergeRequest: MergeRequest, name: string): number {
  return mergeRequest.awards.filter((award) => award.name === name).length;
}
