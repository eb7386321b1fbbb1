import { z } from 'zod';
import type { MergeRequestRef } from '#domain/change.ts';
import { orUndefined, parse } from './client.ts';
import type { GitlabClient } from './client.ts';
import { mergeRequest } from './schema.ts';
import type { MergeRequest } from './schema.ts';

/** The merge request as GitLab answers it, `undefined` when it is absent or hidden. */
export async function readMergeRequest(
  client: GitlabClient,
  ref: MergeRequestRef,
): Promise<MergeRequest | undefined> {
  const answer = await orUndefined(client.mergeRequests.show(ref.repository, ref.iid));
  const found = answer && parse(mergeRequest, answer, 'merge_request');
  const path = found?.references?.full.split('!')[0] ?? '';
  if (path !== '') client.rememberPath(ref.repository, path);
  return found;
}

/** A pipeline by the three things GitLab finds it by. */
export interface PipelinePlace {
  id: number;
  sha: string;
  ref: string;
}

/**
 * The pipeline that decides about the present head. GitLab goes on showing the last one it had (`head_pipeline`) when the
 * head has moved on; and one of a merged result or a train runs on a commit of its own, which is the present head's only
 * if it is a parent of it. That costs one more call. A pipeline of a fork stands in the fork, out of our reach.
 */
export async function pipelineOfHead(
  client: GitlabClient,
  ref: MergeRequestRef,
  found: MergeRequest,
): Promise<PipelinePlace | undefined> {
  const { head_pipeline: pipeline, sha: head } = found;
  if (pipeline == null || !head) return undefined;
  if (pipeline.project_id !== undefined && pipeline.project_id !== ref.repository) return undefined;
  const place = { id: pipeline.id, sha: pipeline.sha, ref: pipeline.ref };
  if (pipeline.sha === head) return place;
  const onResult = new RegExp(`^refs/merge-requests/${ref.iid}/(merge|train)$`).test(pipeline.ref);
  if (!onResult) return undefined;
  const answer = await orUndefined(client.commits.show(ref.repository, pipeline.sha));
  return answer && parse(commit, answer, 'commit').parent_ids.includes(head) ? place : undefined;
}

const commit = z.object({ parent_ids: z.array(z.string()) });
