import { type Call, callerOf, projectFor, type Route } from '../api.ts';
import { apiError, badRequest, forbidden, notFound } from '../errors.ts';
import { changeFiles, type FileChange } from '../git/change-files.ts';
import { readCommit } from '../git/history.ts';
import { branchHead, resolveCommit, updateRef, ZERO_SHA } from '../git/repository.ts';
import { validRefName } from '../git/tags.ts';
import { person } from '../merging.ts';
import { LEVEL, type Project } from '../model.ts';
import { commitJson } from '../present/basics.ts';
import { mayPushBranch } from '../protected-refs.ts';
import { recordPush } from '../pushes.ts';

export const commitFileRoutes: Route[] = [
  { method: 'POST', path: '/projects/:id/repository/commits', run: createCommit },
];

const ACTIONS = ['create', 'update', 'delete', 'move', 'chmod'] as const;

/**
 * A commit with several files, on a branch that is there or on a new one that begins elsewhere
 * (https://docs.gitlab.com/api/commits/#create-a-commit-with-multiple-files-and-actions). Whoever calls is the committer;
 * the author may be named.
 */
async function createCommit(call: Call) {
  const { params, world } = call;
  const project = projectFor(call, LEVEL.developer);
  const { user } = callerOf(call);
  params.require('branch', 'commit_message', 'actions');
  const { repository } = project;
  const branch = params.text('branch');
  if (!(await validRefName(repository, branch))) throw apiError(400, 'The branch name is invalid');
  if (!mayPushBranch(world, project, user.id, branch))
    throw forbidden('You are not allowed to push into this branch');
  const head = await branchHead(repository, branch);
  const parent = await parentOf(call, project, branch, head);
  const author = {
    name: params.string('author_name') ?? user.name,
    email: params.string('author_email') ?? user.email,
  };
  const made = await changeFiles(repository, parent, changesOf(call), params.text('commit_message'), {
    author,
    committer: person(user),
  });
  if ('refused' in made) throw apiError(400, made.refused);
  const ref = `refs/heads/${branch}`;
  await updateRef(repository, ref, made.sha, head ?? ZERO_SHA);
  await recordPush(world, project, user, [{ ref, before: head ?? ZERO_SHA, after: made.sha }]);
  const commit = await readCommit(repository, made.sha);
  if (commit === undefined) throw notFound('Commit');
  return { ...commitJson(world, project, commit), status: null, project_id: project.id, last_pipeline: null };
}

async function parentOf(
  { params }: Call,
  project: Project,
  branch: string,
  head: string | undefined,
): Promise<string> {
  const [startSha, startBranch] = [params.string('start_sha'), params.string('start_branch')];
  const start = startSha ?? startBranch;
  if (start === undefined) {
    if (head === undefined) throw apiError(400, 'You can only create or edit files when you are on a branch');
    return head;
  }
  if (head !== undefined && params.boolean('force') !== true) {
    const switchTo = 'Switch to that branch in order to make changes';
    throw apiError(400, `A branch called '${branch}' already exists. ${switchTo}`);
  }
  const parent = await resolveCommit(
    project.repository,
    startSha === undefined ? `refs/heads/${start}` : start,
  );
  if (parent === undefined) throw apiError(400, `Cannot find start_sha '${start}'`);
  return parent;
}

function changesOf({ params }: Call): FileChange[] {
  return params.records('actions').map((row) => {
    const action = ACTIONS.find((each) => each === row['action']);
    const path = row['file_path'];
    if (action === undefined) throw badRequest('actions[action] does not have a valid value');
    if (typeof path !== 'string' || path === '') throw badRequest('actions[file_path] is missing');
    switch (action) {
      case 'create':
      case 'update':
        return { action, path, content: contentOf(row), executable: row['execute_filemode'] === true };
      case 'delete':
        return { action, path };
      case 'chmod':
        return { action, path, executable: row['execute_filemode'] === true };
      case 'move': {
        const from = row['previous_path'];
        if (typeof from !== 'string') throw badRequest('actions[previous_path] is missing');
        return { action, path, from, ...(row['content'] === undefined ? {} : { content: contentOf(row) }) };
      }
    }
  });
}

function contentOf(row: Record<string, unknown>): Uint8Array {
  const content = row['content'];
  if (typeof content !== 'string') throw badRequest('actions[content] is missing');
  return Buffer.from(content, row['encoding'] === 'base64' ? 'base64' : 'utf8');
}
