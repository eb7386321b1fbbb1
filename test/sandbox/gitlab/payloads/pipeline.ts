import { readCommit } from '../git/history.ts';
import { detailedMergeStatus, publicMergeStatus } from '../merge-status.ts';
import type { Pipeline, Project, Release } from '../model.ts';
import { mergeRequestUrl, projectUrl, userById, type World } from '../world.ts';
import { commitPart, hookTime, projectPart, userPart } from './parts.ts';

export async function pipelinePayload(world: World, project: Project, pipeline: Pipeline) {
  const commit = await readCommit(project.repository, pipeline.sha);
  const rows = project.statuses.filter((row) => row.pipelineId === pipeline.id && !row.retried);
  return {
    object_kind: 'pipeline',
    object_attributes: {
      id: pipeline.id,
      iid: pipeline.iid,
      name: null,
      ref: pipeline.ref,
      tag: false,
      sha: pipeline.sha,
      before_sha: '0'.repeat(40),
      source: pipeline.source,
      status: pipeline.status,
      detailed_status: pipeline.status === 'success' ? 'passed' : pipeline.status,
      stages: [...new Set(rows.map(() => 'external'))],
      created_at: hookTime(pipeline.createdAt),
      finished_at: hookTime(pipeline.finishedAt),
      duration: null,
      queued_duration: null,
      variables: [],
      url: `${projectUrl(world, project)}/-/pipelines/${pipeline.id}`,
    },
    merge_request: mergeRequestPart(world, project, pipeline),
    user: userPart(userById(world, pipeline.userId)),
    project: projectPart(world, project),
    commit: commit === undefined ? null : commitPart(world, project, commit),
    builds: rows.map((row) => ({
      id: row.id,
      stage: 'external',
      name: row.name,
      status: row.status,
      created_at: hookTime(row.createdAt),
      started_at: hookTime(row.startedAt),
      finished_at: hookTime(row.finishedAt),
      duration: null,
      queued_duration: null,
      failure_reason: row.status === 'failed' ? 'api_failure' : null,
      when: 'on_success',
      manual: false,
      allow_failure: row.allowFailure,
      user: userPart(userById(world, row.userId)),
      runner: null,
      artifacts_file: { filename: null, size: null },
      environment: null,
    })),
  };
}

export async function releasePayload(
  world: World,
  project: Project,
  release: Release,
  action: 'create' | 'update' | 'delete',
  sha: string,
) {
  const commit = await readCommit(project.repository, sha);
  const url = `${projectUrl(world, project)}/-/releases/${encodeURIComponent(release.tagName)}`;
  return {
    id: 1,
    created_at: hookTime(release.createdAt),
    description: release.description,
    name: release.name,
    released_at: hookTime(release.releasedAt),
    tag: release.tagName,
    object_kind: 'release',
    project: projectPart(world, project),
    url,
    action,
    assets: { count: 0, links: [], sources: [] },
    commit: commit === undefined ? null : commitPart(world, project, commit),
  };
}

function mergeRequestPart(world: World, project: Project, pipeline: Pipeline) {
  const found = project.mergeRequests.find(
    (one) =>
      one.state === 'opened' &&
      [pipeline.sha, pipeline.sourceSha].includes(one.sha) &&
      (one.sourceBranch === pipeline.ref || pipeline.ref.startsWith(`refs/merge-requests/${one.iid}/`)),
  );
  if (found === undefined) return null;
  return {
    id: found.id,
    iid: found.iid,
    title: found.title,
    source_branch: found.sourceBranch,
    source_project_id: found.sourceProjectId,
    target_branch: found.targetBranch,
    target_project_id: found.projectId,
    state: found.state,
    merge_status: publicMergeStatus(found),
    detailed_merge_status: detailedMergeStatus(world, found),
    url: mergeRequestUrl(world, found),
  };
}
