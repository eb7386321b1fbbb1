import { announceMergeRequest } from './announce.ts';
import { notFound, unauthorized } from './errors.ts';
import { requireHead } from './merging.ts';
import { LEVEL, type MergeRequest, type User } from './model.ts';
import { addSystemNote } from './notes.ts';
import { userBasicById } from './present/basics.ts';
import { accessLevel, now, targetProject, type World } from './world.ts';

/** 409 when `sha` is stale; 401 when this user may not approve, or has approved already. */
export async function approve(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  sha?: string,
): Promise<void> {
  requireHead(mergeRequest, sha);
  if (!mayApprove(world, mergeRequest, user)) throw unauthorized();
  const required = targetProject(world, mergeRequest).settings.approvalsRequired;
  mergeRequest.approvals.push({ userId: user.id, at: now() });
  addSystemNote(world, mergeRequest, user, 'approved this merge request');
  const complete = mergeRequest.approvals.length >= required;
  await announceMergeRequest(world, mergeRequest, user, complete ? 'approved' : 'approval');
}

/** 404 when this user has not approved. */
export async function unapprove(world: World, mergeRequest: MergeRequest, user: User): Promise<void> {
  if (!hasApproved(mergeRequest, user)) throw notFound();
  const required = targetProject(world, mergeRequest).settings.approvalsRequired;
  const wasComplete = mergeRequest.approvals.length >= required;
  mergeRequest.approvals = mergeRequest.approvals.filter((one) => one.userId !== user.id);
  addSystemNote(world, mergeRequest, user, 'unapproved this merge request');
  const stillComplete = mergeRequest.approvals.length >= Math.max(required, 1);
  const action = wasComplete && !stillComplete ? 'unapproved' : 'unapproval';
  await announceMergeRequest(world, mergeRequest, user, action);
}

/** `API::Entities::MergeRequestApprovals`, the keys every edition has. */
export function approvalsJson(world: World, mergeRequest: MergeRequest, user: User | null) {
  const required = Math.max(targetProject(world, mergeRequest).settings.approvalsRequired, 1);
  return {
    user_has_approved: user !== null && hasApproved(mergeRequest, user),
    user_can_approve: user !== null && mayApprove(world, mergeRequest, user),
    approved: mergeRequest.approvals.length >= required,
    approved_by: mergeRequest.approvals.map((one) => ({
      user: userBasicById(world, one.userId),
      approved_at: one.at,
    })),
  };
}

export function mayApprove(world: World, mergeRequest: MergeRequest, user: User): boolean {
  const project = targetProject(world, mergeRequest);
  if (mergeRequest.state !== 'opened' || hasApproved(mergeRequest, user)) return false;
  if (mergeRequest.authorId === user.id && !project.settings.authorMayApprove) return false;
  return accessLevel(world, project, user.id) >= LEVEL.developer;
}

function hasApproved(mergeRequest: MergeRequest, user: User): boolean {
  return mergeRequest.approvals.some((one) => one.userId === user.id);
}
