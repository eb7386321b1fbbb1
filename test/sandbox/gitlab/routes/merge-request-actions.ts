import { type Call, callerOf, mergeRequestOf, type Route } from '../api.ts';
import { approvalsJson, approve, unapprove } from '../approvals.ts';
import { apiError, forbidden, methodNotAllowed, unauthorized } from '../errors.ts';
import { acceptMergeRequest } from '../accept.ts';
import { rebaseMergeRequest } from '../merging.ts';
import { LEVEL } from '../model.ts';
import { mayPushBranch } from '../protected-refs.ts';
import { knows } from '../versions.ts';
import { accessLevel, later, sourceProject } from '../world.ts';
import { showMergeRequest } from './merge-requests.ts';

const BASE = '/projects/:id/merge_requests/:iid';

export const mergeRequestActionRoutes: Route[] = [
  { method: 'PUT', path: `${BASE}/merge`, run: merge },
  { method: 'POST', path: `${BASE}/cancel_merge_when_pipeline_succeeds`, run: cancelAutoMerge },
  { method: 'PUT', path: `${BASE}/rebase`, run: rebase },
  { method: 'GET', path: `${BASE}/approvals`, run: showApprovals },
  {
    method: 'POST',
    path: `${BASE}/approve`,
    run: async (call) => {
      const { user } = callerOf(call);
      await approve(call.world, mergeRequestOf(call).mergeRequest, user, call.params.string('sha'));
      return showApprovals(call);
    },
  },
  {
    method: 'POST',
    path: `${BASE}/unapprove`,
    run: async (call) => {
      await unapprove(call.world, mergeRequestOf(call).mergeRequest, callerOf(call).user);
      return showApprovals(call);
    },
  },
  { method: 'PUT', path: `${BASE}/reset_approvals`, run: resetApprovals },
  {
    method: 'GET',
    path: `${BASE}/approval_state`,
    run: (call) => {
      mergeRequestOf(call);
      return { approval_rules_overwritten: false, rules: [] };
    },
  },
];

async function merge(call: Call) {
  const { params } = call;
  const { mergeRequest } = mergeRequestOf(call);
  const squash = params.boolean('squash');
  const remove = params.boolean('should_remove_source_branch');
  const message = params.string('merge_commit_message');
  const squashMessage = params.string('squash_commit_message');
  await acceptMergeRequest(call.world, mergeRequest, callerOf(call).user, {
    sha: params.string('sha'),
    autoMerge: wantsAutoMerge(call),
    ...(squash === undefined ? {} : { squash }),
    ...(remove === undefined ? {} : { shouldRemoveSourceBranch: remove }),
    ...(message === undefined ? {} : { mergeCommitMessage: message }),
    ...(squashMessage === undefined ? {} : { squashCommitMessage: squashMessage }),
  });
  return showMergeRequest(call, mergeRequest);
}

/** An older GitLab passes over `auto_merge` without a word, and merges at once. */
function wantsAutoMerge({ params, world }: Call): boolean {
  const named = knows(world.version, 'auto-merge') ? params.boolean('auto_merge') : undefined;
  return named ?? params.boolean('merge_when_pipeline_succeeds') ?? false;
}

function cancelAutoMerge(call: Call) {
  const { mergeRequest } = mergeRequestOf(call);
  if (mergeRequest.state !== 'opened') throw methodNotAllowed();
  if (mergeRequest.autoMerge === null) throw apiError(406, "Can't cancel the automatic merge");
  mergeRequest.autoMerge = null;
  return showMergeRequest(call, mergeRequest);
}

function rebase(call: Call) {
  const { world } = call;
  const { mergeRequest } = mergeRequestOf(call);
  const { user } = callerOf(call);
  const source = sourceProject(world, mergeRequest);
  if (source === undefined) throw forbidden('Source branch does not exist');
  if (!mayPushBranch(world, source, user.id, mergeRequest.sourceBranch)) {
    throw forbidden('Cannot push to source branch');
  }
  if (mergeRequest.rebaseInProgress) throw apiError(409, 'Rebase is already in progress');
  if (mergeRequest.state !== 'opened')
    throw apiError(
      409,
      'Failed to enqueue the rebase operation, possibly due to a long-lived transaction. Try again later.',
    );
  mergeRequest.rebaseInProgress = true;
  later(world, world.mergeStatusDelayMs, () => rebaseMergeRequest(world, mergeRequest, user));
  call.reply.code(202);
  return { rebase_in_progress: true };
}

function showApprovals(call: Call) {
  return approvalsJson(call.world, mergeRequestOf(call).mergeRequest, call.caller?.user ?? null);
}

/** Only the bots of project and group tokens may do this. */
function resetApprovals(call: Call) {
  const { project, mergeRequest } = mergeRequestOf(call);
  const { user } = callerOf(call);
  if (!user.bot || accessLevel(call.world, project, user.id) < LEVEL.developer) throw unauthorized();
  mergeRequest.approvals = [];
  call.reply.code(202);
  return undefined;
}
