import { type Commit, touchedPaths } from '../git/history.ts';
import type { Project, User } from '../model.ts';
import { isProtectedBranch, isProtectedTag } from '../protected-refs.ts';
import { avatarUrl, type World } from '../world.ts';
import { commitPart, projectPart, repositoryPart } from './parts.ts';

const LISTED_COMMITS = 20;

export interface PushedRef {
  ref: string;
  before: string;
  after: string;
  /** The commit the ref now stands for; null when it was removed. */
  checkoutSha: string | null;
  commits: Commit[];
  message: string | null;
}

/** A push or tag push event; the commit list holds the oldest first, twenty at most. */
export async function pushPayload(world: World, project: Project, user: User, push: PushedRef) {
  const tag = push.ref.startsWith('refs/tags/');
  const name = push.ref.replace(/^refs\/(heads|tags)\//, '');
  const listed = push.commits.slice(0, LISTED_COMMITS).toReversed();
  return {
    object_kind: tag ? 'tag_push' : 'push',
    event_name: tag ? 'tag_push' : 'push',
    before: push.before,
    after: push.after,
    ref: push.ref,
    ref_protected: tag ? isProtectedTag(project, name) : isProtectedBranch(project, name),
    checkout_sha: push.checkoutSha,
    message: push.message,
    user_id: user.id,
    user_name: user.name,
    user_username: user.username,
    user_email: user.publicEmail ?? '',
    user_avatar: avatarUrl(user),
    project_id: project.id,
    project: projectPart(world, project),
    commits: await Promise.all(
      listed.map(async (commit) => ({
        ...commitPart(world, project, commit),
        ...(await touchedPaths(project.repository, commit.id)),
      })),
    ),
    total_commits_count: push.commits.length,
    push_options: {},
    repository: {
      ...repositoryPart(world, project),
      git_http_url: projectPart(world, project).git_http_url,
      git_ssh_url: projectPart(world, project).git_ssh_url,
      visibility_level: projectPart(world, project).visibility_level,
    },
  };
}
