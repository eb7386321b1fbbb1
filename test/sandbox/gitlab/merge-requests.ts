import { announceMergeRequest } from './announce.ts';
import { apiError, notFound } from './errors.ts';
import { commitsBetween, diffBetween } from './git/history.ts';
import { branchHead, mergeBase, updateRef } from './git/repository.ts';
import { git } from './git/run.ts';
import { beginMergeCheck } from './merge-status.ts';
import type { MergeRequest, Project, User } from './model.ts';
import { addSystemNote } from './notes.ts';
import { leaveTrain } from './train-cars.ts';
import { nextId, now, sourceProject, targetProject, type World } from './world.ts';

export interface NewMergeRequest {
  sourceBranch: string;
  targetBranch: string;
  title: string;
  description: string | null;
  labels: string[];
  assigneeIds: number[];
  reviewerIds: number[];
  squash: boolean;
  removeSourceBranch: boolean;
}

/** Opens a merge request from a branch of `source` to a branch of `target`, which may be the same project. */
export async function openMergeRequest(
  world: World,
  source: Project,
  target: Project,
  author: User,
  input: NewMergeRequest,
): Promise<MergeRequest> {
  const sha = await branchHead(source.repository, input.sourceBranch);
  if (sha === undefined) throw apiError(400, { source_branch: ['does not exist'] });
  if ((await branchHead(target.repository, input.targetBranch)) === undefined) {
    throw apiError(400, { target_branch: ['does not exist'] });
  }
  if (source === target && input.sourceBranch === input.targetBranch) {
    throw apiError(422, ["You can't use same project/branch for source and target"]);
  }
  refuseSecond(source, target, input);
  const at = now();
  const mergeRequest: MergeRequest = {
    id: nextId(world),
    iid: target.mergeRequests.length + 1,
    projectId: target.id,
    sourceProjectId: source.id,
    ...input,
    state: 'opened',
    authorId: author.id,
    createdAt: at,
    updatedAt: at,
    preparedAt: null,
    mergedAt: null,
    mergeUserId: null,
    closedAt: null,
    closedById: null,
    sha,
    versions: [],
    mergeStatus: 'preparing',
    mergeCheck: 0,
    rebaseNeeded: false,
    mergeCommitSha: null,
    squashCommitSha: null,
    mergeError: null,
    rebaseInProgress: false,
    autoMerge: null,
    car: null,
    branchMissing: false,
    approvals: [],
    notes: [],
    awards: [],
  };
  target.mergeRequests.push(mergeRequest);
  ensureLabels(world, target, input.labels);
  await addVersion(world, mergeRequest, sha);
  beginMergeCheck(world, mergeRequest, 'preparing');
  await announceMergeRequest(world, mergeRequest, author, 'open', {
    changes: { merge_status: { previous: 'preparing', current: 'unchecked' } },
  });
  return mergeRequest;
}

/** New commits on the source branch: a new version, a system note, a fresh mergeability check, an update with `oldrev`. */
export async function takeNewHead(
  world: World,
  mergeRequest: MergeRequest,
  pusher: User,
  sha: string,
): Promise<void> {
  const project = targetProject(world, mergeRequest);
  const oldrev = mergeRequest.sha;
  await addVersion(world, mergeRequest, sha);
  const commits = await commitsBetween(project.repository, oldrev, sha);
  const list = commits.map((commit) => `* ${commit.id.slice(0, 8)} - ${commit.title}`).join('\n');
  const count = `${commits.length} commit${commits.length === 1 ? '' : 's'}`;
  addSystemNote(world, mergeRequest, pusher, `added ${count}\n\n${list}`);
  mergeRequest.updatedAt = now();
  mergeRequest.autoMerge = null;
  leaveTrain(world, mergeRequest, 'its source branch was updated');
  beginMergeCheck(world, mergeRequest, 'checking');
  await announceMergeRequest(world, mergeRequest, pusher, 'update', { oldrev });
  if (project.settings.resetApprovalsOnPush && mergeRequest.approvals.length > 0) {
    mergeRequest.approvals = [];
    await announceMergeRequest(world, mergeRequest, pusher, 'unapproved', {
      systemAction: 'approvals_reset_on_push',
    });
  }
}

/** Takes the branches as they are now into a new diff version, and `refs/merge-requests/:iid/head` with it. */
export async function addVersion(world: World, mergeRequest: MergeRequest, sha: string): Promise<void> {
  const target = targetProject(world, mergeRequest);
  const source = sourceProject(world, mergeRequest);
  const ref = `refs/merge-requests/${mergeRequest.iid}/head`;
  if (source !== undefined && source !== target) {
    await git(target.repository, ['fetch', '--quiet', '--no-tags', source.repository, sha]);
  }
  await updateRef(target.repository, ref, sha);
  const start = (await branchHead(target.repository, mergeRequest.targetBranch)) ?? sha;
  const base = (await mergeBase(target.repository, start, sha)) ?? start;
  mergeRequest.sha = sha;
  mergeRequest.versions.push({
    id: nextId(world),
    headSha: sha,
    baseSha: base,
    startSha: start,
    changedFiles: (await diffBetween(target.repository, base, sha)).length,
    createdAt: now(),
  });
}

export function findMergeRequest(project: Project, iid: string): MergeRequest {
  const found = project.mergeRequests.find((one) => String(one.iid) === iid);
  if (found === undefined) throw notFound();
  return found;
}

/** Labels come into being when they are first used, as the API does it. */
export function ensureLabels(world: World, project: Project, names: string[]): void {
  for (const name of names) {
    if (project.labels.some((label) => label.name === name)) continue;
    project.labels.push({ id: nextId(world), name, color: '#6699cc' });
  }
}

function refuseSecond(source: Project, target: Project, input: NewMergeRequest): void {
  const twin = target.mergeRequests.find(
    (one) =>
      one.state === 'opened' &&
      one.sourceProjectId === source.id &&
      one.sourceBranch === input.sourceBranch &&
      one.targetBranch === input.targetBranch,
  );
  if (twin === undefined) return;
  throw apiError(409, [`Another open merge request already exists for this source branch: !${twin.iid}`]);
}
