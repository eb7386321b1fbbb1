import { announceMergeRequest } from './announce.ts';
import { isDraft } from './draft.ts';
import { apiError } from './errors.ts';
import { branchHead } from './git/repository.ts';
import { beginMergeCheck } from './merge-status.ts';
import { addVersion, ensureLabels } from './merge-requests.ts';
import type { MergeRequest, User } from './model.ts';
import { addSystemNote } from './notes.ts';
import { type Changes, labelParts } from './payloads/merge-request.ts';
import { hookTime } from './payloads/parts.ts';
import { leaveTrain } from './train-cars.ts';
import { now, sourceProject, targetProject, type World } from './world.ts';

export interface MergeRequestChange {
  title?: string;
  description?: string | null;
  targetBranch?: string;
  labels?: string[];
  assigneeIds?: number[];
  reviewerIds?: number[];
  squash?: boolean;
  removeSourceBranch?: boolean;
}

/** Changes the fields given and announces one `update` that lists what changed; nothing changed, nothing announced. */
export async function changeMergeRequest(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  change: MergeRequestChange,
): Promise<void> {
  const changes: Changes = {};
  if (change.targetBranch !== undefined)
    await retarget(world, mergeRequest, user, change.targetBranch, changes);
  if (change.title !== undefined) retitle(world, mergeRequest, user, change.title, changes);
  if (change.labels !== undefined) relabel(world, mergeRequest, change.labels, changes);
  const plain = ['description', 'assigneeIds', 'reviewerIds', 'squash', 'removeSourceBranch'] as const;
  for (const field of plain) {
    const value = change[field];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(mergeRequest[field])) continue;
    const name = { description: 'description', assigneeIds: 'assignees', reviewerIds: 'reviewers' } as Record<
      string,
      string
    >;
    changes[name[field] ?? field] = { previous: mergeRequest[field], current: value };
    Object.assign(mergeRequest, { [field]: value });
  }
  if (Object.keys(changes).length === 0) return;
  const updatedAt = now();
  changes['updated_at'] = { previous: hookTime(mergeRequest.updatedAt), current: hookTime(updatedAt) };
  mergeRequest.updatedAt = updatedAt;
  await announceMergeRequest(world, mergeRequest, user, 'update', { changes });
}

/** Lets a merge request go for another branch, as a person or GitLab itself asks. */
export async function changeTarget(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  targetBranch: string,
): Promise<void> {
  await changeMergeRequest(world, mergeRequest, user, { targetBranch });
}

export async function closeMergeRequest(world: World, mergeRequest: MergeRequest, user: User): Promise<void> {
  if (mergeRequest.state !== 'opened') return;
  mergeRequest.state = 'closed';
  mergeRequest.autoMerge = null;
  leaveTrain(world, mergeRequest, 'it was closed');
  mergeRequest.closedById = user.id;
  mergeRequest.closedAt = now();
  mergeRequest.updatedAt = mergeRequest.closedAt;
  addSystemNote(world, mergeRequest, user, 'closed');
  await announceMergeRequest(world, mergeRequest, user, 'close', { changes: stateChange(1, 2) });
}

export async function reopenMergeRequest(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
): Promise<void> {
  if (mergeRequest.state !== 'closed') return;
  const source = sourceProject(world, mergeRequest);
  const head =
    source === undefined ? undefined : await branchHead(source.repository, mergeRequest.sourceBranch);
  if (head !== undefined && head !== mergeRequest.sha) await addVersion(world, mergeRequest, head);
  mergeRequest.state = 'opened';
  mergeRequest.branchMissing = head === undefined;
  mergeRequest.closedById = null;
  mergeRequest.closedAt = null;
  mergeRequest.updatedAt = now();
  addSystemNote(world, mergeRequest, user, 'reopened');
  beginMergeCheck(world, mergeRequest, 'checking');
  await announceMergeRequest(world, mergeRequest, user, 'reopen', { changes: stateChange(2, 1) });
}

function stateChange(previous: number, current: number): Changes {
  return { state_id: { previous, current } };
}

async function retarget(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  branch: string,
  changes: Changes,
) {
  if (branch === mergeRequest.targetBranch) return;
  if ((await branchHead(targetProject(world, mergeRequest).repository, branch)) === undefined) {
    throw apiError(400, { target_branch: ['does not exist'] });
  }
  changes['target_branch'] = { previous: mergeRequest.targetBranch, current: branch };
  addSystemNote(
    world,
    mergeRequest,
    user,
    `changed target branch from \`${mergeRequest.targetBranch}\` to \`${branch}\``,
  );
  mergeRequest.targetBranch = branch;
  mergeRequest.branchMissing = false;
  leaveTrain(world, mergeRequest, 'its target branch was changed');
  await addVersion(world, mergeRequest, mergeRequest.sha);
  beginMergeCheck(world, mergeRequest, 'checking');
}

function retitle(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  title: string,
  changes: Changes,
): void {
  if (title === mergeRequest.title) return;
  const [was, is] = [isDraft(mergeRequest.title), isDraft(title)];
  changes['title'] = { previous: mergeRequest.title, current: title };
  if (was !== is) {
    changes['draft'] = { previous: was, current: is };
    addSystemNote(world, mergeRequest, user, `marked this merge request as **${is ? 'draft' : 'ready'}**`);
  }
  mergeRequest.title = title;
}

function relabel(world: World, mergeRequest: MergeRequest, labels: string[], changes: Changes): void {
  const wanted = [...new Set(labels)];
  if (JSON.stringify(wanted) === JSON.stringify(mergeRequest.labels)) return;
  ensureLabels(world, targetProject(world, mergeRequest), wanted);
  changes['labels'] = {
    previous: labelParts(world, mergeRequest, mergeRequest.labels),
    current: labelParts(world, mergeRequest, wanted),
  };
  mergeRequest.labels = wanted;
}
