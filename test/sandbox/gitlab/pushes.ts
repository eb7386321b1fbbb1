import { announceMergeRequest } from './announce.ts';
import { commitsBetween, readCommit } from './git/history.ts';
import { isAncestor, resolveCommit, ZERO_SHA } from './git/repository.ts';
import { readTag } from './git/tags.ts';
import { closeMergeRequest } from './merge-request-changes.ts';
import { takeNewHead } from './merge-requests.ts';
import { forgetMergeability } from './merge-status.ts';
import type { MergeRequest, Project, PushEvent, User } from './model.ts';
import { addSystemNote } from './notes.ts';
import { pushPayload } from './payloads/push.ts';
import { nextId, now, type World } from './world.ts';

/** A push of more refs than this fires no hook at all (`push_event_hooks_limit`). */
const HOOK_LIMIT = 3;
/** Where one push does the same to more branches, or tags, than this, one event tells of them all (`push_event_activities_limit`). */
const EVENT_LIMIT = 3;

export interface RefUpdate {
  ref: string;
  before: string;
  after: string;
}

/** Everything that follows from refs that have moved: events, hooks, and the merge requests of those branches. */
export async function recordPush(
  world: World,
  project: Project,
  user: User,
  updates: RefUpdate[],
): Promise<void> {
  const seen = updates.filter((update) => /^refs\/(heads|tags)\//.test(update.ref));
  const alike = [...Map.groupBy(seen, (update) => `${refTypeOf(update)} ${actionOf(update)}`).values()];
  const many = alike.filter((updates) => updates.length > EVENT_LIMIT);
  for (const updates of many) recordMany(world, project, user, updates);
  for (const update of seen) {
    await recordRef(world, project, user, update, {
      announce: seen.length <= HOOK_LIMIT,
      event: !many.some((updates) => updates.includes(update)),
    });
    if (update.ref.startsWith('refs/heads/')) await refreshMergeRequests(world, project, user, update);
  }
}

function refTypeOf({ ref }: RefUpdate): PushEvent['refType'] {
  return ref.startsWith('refs/tags/') ? 'tag' : 'branch';
}

function actionOf({ before, after }: RefUpdate): PushEvent['action'] {
  if (after === ZERO_SHA) return 'removed';
  return before === ZERO_SHA ? 'created' : 'pushed';
}

function recordMany(world: World, project: Project, user: User, updates: RefUpdate[]): void {
  const [first] = updates;
  if (first === undefined) return;
  project.events.unshift({
    id: nextId(world),
    authorId: user.id,
    createdAt: now(),
    refType: refTypeOf(first),
    ref: null,
    refCount: updates.length,
    action: actionOf(first),
    commitFrom: null,
    commitTo: null,
    commitTitle: null,
    commitCount: 0,
  });
}

async function recordRef(
  world: World,
  project: Project,
  user: User,
  update: RefUpdate,
  { announce, event }: { announce: boolean; event: boolean },
) {
  const tag = refTypeOf(update) === 'tag';
  const action = actionOf(update);
  const name = update.ref.replace(/^refs\/(heads|tags)\//, '');
  const removed = action === 'removed';
  const commits = removed ? [] : await newCommits(project, update, tag);
  const head = removed ? undefined : await resolveCommit(project.repository, update.after);
  const title = head === undefined ? null : ((await readCommit(project.repository, head))?.title ?? null);
  if (event)
    project.events.unshift({
      id: nextId(world),
      authorId: user.id,
      createdAt: now(),
      refType: refTypeOf(update),
      ref: name,
      refCount: null,
      action,
      commitFrom: action === 'created' ? null : update.before,
      commitTo: removed ? null : (head ?? update.after),
      commitTitle: title,
      commitCount: tag && !removed ? Math.max(commits.length, 1) : commits.length,
    });
  if (!announce) return;
  const message = tag && !removed ? ((await readTag(project.repository, name))?.message ?? null) : null;
  const payload = await pushPayload(world, project, user, {
    ...update,
    checkoutSha: head ?? null,
    commits,
    message,
  });
  world.hooks.trigger(
    project.hooks,
    tag ? 'tag_push_events' : 'push_events',
    payload,
    tag ? undefined : name,
  );
}

async function newCommits(project: Project, update: RefUpdate, tag: boolean) {
  if (tag) return [];
  if (update.before !== ZERO_SHA) return commitsBetween(project.repository, update.before, update.after);
  const base = await resolveCommit(project.repository, `refs/heads/${project.defaultBranch}`);
  const fresh = base === undefined || base === update.after ? null : base;
  return base === update.after ? [] : commitsBetween(project.repository, fresh, update.after);
}

async function refreshMergeRequests(
  world: World,
  project: Project,
  user: User,
  update: RefUpdate,
): Promise<void> {
  const branch = update.ref.slice('refs/heads/'.length);
  for (const target of world.projects.values()) {
    for (const mergeRequest of target.mergeRequests) {
      if (mergeRequest.state !== 'opened') continue;
      if (mergeRequest.projectId === project.id && mergeRequest.targetBranch === branch) {
        await takeTargetMove(world, project, mergeRequest, user, update);
      }
      if (mergeRequest.sourceProjectId !== project.id || mergeRequest.sourceBranch !== branch) continue;
      if (update.after === ZERO_SHA) await closeMergeRequest(world, mergeRequest, user);
      else if (update.after !== mergeRequest.sha) await takeNewHead(world, mergeRequest, user, update.after);
    }
  }
}

/** A push that brings a merge request's commits into its target merges it. */
async function takeTargetMove(
  world: World,
  project: Project,
  mergeRequest: MergeRequest,
  user: User,
  update: RefUpdate,
): Promise<void> {
  forgetMergeability(mergeRequest);
  mergeRequest.branchMissing = update.after === ZERO_SHA;
  if (update.after === ZERO_SHA || update.before === ZERO_SHA) return;
  world.follow.branchMoved(project, mergeRequest.targetBranch);
  const contained = await isAncestor(project.repository, mergeRequest.sha, update.after);
  const before = await isAncestor(project.repository, mergeRequest.sha, update.before);
  if (contained && !before) await markMerged(world, mergeRequest, user, null);
}

/** The end of every merge, by button or by push. */
export async function markMerged(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  mergeCommitSha: string | null,
): Promise<void> {
  mergeRequest.state = 'merged';
  mergeRequest.mergeStatus = 'can_be_merged';
  mergeRequest.mergeCheck += 1;
  mergeRequest.mergeCommitSha = mergeCommitSha;
  mergeRequest.mergeUserId = user.id;
  mergeRequest.mergedAt = now();
  mergeRequest.updatedAt = mergeRequest.mergedAt;
  mergeRequest.autoMerge = null;
  mergeRequest.car = null;
  mergeRequest.mergeError = null;
  addSystemNote(world, mergeRequest, user, 'merged');
  await announceMergeRequest(world, mergeRequest, user, 'merge', {
    changes: { state_id: { previous: 4, current: 3 } },
  });
}
