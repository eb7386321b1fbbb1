import { type Call, callerOf, projectFor, type Route } from '../api.ts';
import { badRequest, apiError, forbidden, methodNotAllowed, notFound } from '../errors.ts';
import { readCommit } from '../git/history.ts';
import { branchHead, deleteRef, isAncestor, refNames, resolveCommit, ZERO_SHA } from '../git/repository.ts';
import { listTags, readTag, type Tag, validRefName, writeTag } from '../git/tags.ts';
import { person } from '../merging.ts';
import { LEVEL, type Project } from '../model.ts';
import { paginate } from '../paginate.ts';
import { matchesPattern } from '../pattern.ts';
import { commitJson } from '../present/basics.ts';
import { isProtectedBranch, isProtectedTag, mayCreateTag, mayPushBranch } from '../protected-refs.ts';
import { recordPush } from '../pushes.ts';
import { projectUrl, type World } from '../world.ts';

const TAGS = '/projects/:id/repository/tags';
const BRANCHES = '/projects/:id/repository/branches';

export const refRoutes: Route[] = [
  {
    method: 'GET',
    path: BRANCHES,
    run: async (call) => {
      const project = projectFor(call, LEVEL.reporter);
      const search = call.params.string('search');
      const names = await refNames(project.repository, 'heads');
      const rows = paginate(
        call,
        search === undefined ? names : names.filter((name) => name.includes(search)),
      );
      return Promise.all(rows.map((name) => branchJson(call, project, name)));
    },
  },
  {
    method: 'GET',
    path: `${BRANCHES}/:branch`,
    run: (call) => branchJson(call, projectFor(call, LEVEL.reporter), call.path['branch'] ?? ''),
  },
  { method: 'DELETE', path: `${BRANCHES}/:branch`, run: deleteBranch },
  {
    method: 'GET',
    path: TAGS,
    run: async (call) => {
      const project = projectFor(call, LEVEL.reporter);
      const search = call.params.string('search');
      const tags = (await listTags(project.repository)).filter((tag) => matchesSearch(tag.name, search));
      return Promise.all(paginate(call, tags).map((tag) => tagJson(call.world, project, tag)));
    },
  },
  { method: 'POST', path: TAGS, run: createTag },
  {
    method: 'GET',
    path: `${TAGS}/:tag`,
    run: async (call) => {
      const project = projectFor(call, LEVEL.reporter);
      const tag = await readTag(project.repository, call.path['tag'] ?? '');
      if (tag === undefined) throw notFound('Tag');
      return tagJson(call.world, project, tag);
    },
  },
  { method: 'DELETE', path: `${TAGS}/:tag`, run: deleteTag },
];

async function deleteBranch(call: Call) {
  const { world } = call;
  const project = projectFor(call, LEVEL.developer);
  const branch = call.path['branch'] ?? '';
  const { user } = callerOf(call);
  const before = await branchHead(project.repository, branch);
  if (before === undefined) throw notFound('Branch');
  if (branch === project.defaultBranch) throw methodNotAllowed();
  if (isProtectedBranch(project, branch)) throw forbidden('Protected branch');
  const ref = `refs/heads/${branch}`;
  await deleteRef(project.repository, ref);
  await recordPush(world, project, user, [{ ref, before, after: ZERO_SHA }]);
  return undefined;
}

/** 403 without the right to make tags at all; every other failure is 400, a taken name and a protected one included. */
async function createTag(call: Call) {
  const { world, params } = call;
  const { user } = callerOf(call);
  const project = projectFor(call, LEVEL.developer);
  params.require('tag_name', 'ref');
  const name = params.text('tag_name');
  const { repository } = project;
  if (!(await validRefName(repository, name))) throw apiError(400, 'Tag name invalid');
  if ((await readTag(repository, name)) !== undefined) throw apiError(400, `Tag ${name} already exists`);
  const commit = await resolveCommit(repository, params.text('ref'));
  if (commit === undefined) throw apiError(400, `Target ${params.text('ref')} is invalid`);
  if (!mayCreateTag(world, project, user.id, name)) {
    throw apiError(400, 'You are not allowed to create this tag as it is protected.');
  }
  const message = params.string('message');
  await writeTag(
    repository,
    name,
    commit,
    message === undefined || message === '' ? null : message,
    person(user),
  );
  const tag = await readTag(repository, name);
  if (tag === undefined) throw badRequest('Tag creation failed');
  await recordPush(world, project, user, [{ ref: `refs/tags/${name}`, before: ZERO_SHA, after: tag.target }]);
  return tagJson(world, project, tag);
}

async function deleteTag(call: Call) {
  const { user } = callerOf(call);
  const project = projectFor(call, LEVEL.developer);
  const tag = await readTag(project.repository, call.path['tag'] ?? '');
  if (tag === undefined) throw notFound('Tag');
  if (isProtectedTag(project, tag.name) && !mayDeleteProtectedTag(call, project)) throw forbidden();
  await deleteRef(project.repository, `refs/tags/${tag.name}`);
  const update = { ref: `refs/tags/${tag.name}`, before: tag.target, after: ZERO_SHA };
  await recordPush(call.world, project, user, [update]);
  return undefined;
}

function mayDeleteProtectedTag(call: Call, project: Project): boolean {
  const member = project.members.find((one) => one.userId === callerOf(call).user.id);
  return (member?.accessLevel ?? LEVEL.none) >= LEVEL.maintainer;
}

/** `^x` asks for a beginning, `x$` for an end. */
function matchesSearch(name: string, search: string | undefined): boolean {
  if (search === undefined || search === '') return true;
  if (search.startsWith('^')) return name.startsWith(search.slice(1));
  if (search.endsWith('$')) return name.endsWith(search.slice(0, -1));
  return matchesPattern(`*${search}*`, name);
}

async function tagJson(world: World, project: Project, tag: Tag) {
  const commit = await readCommit(project.repository, tag.commitId);
  if (commit === undefined) throw notFound('Commit');
  const release = project.releases.find((one) => one.tagName === tag.name);
  return {
    name: tag.name,
    message: tag.message ?? '',
    target: tag.target,
    commit: commitJson(world, project, commit),
    release: release === undefined ? null : { tag_name: release.tagName, description: release.description },
    protected: isProtectedTag(project, tag.name),
    created_at: tag.createdAt,
  };
}

async function branchJson(call: Call, project: Project, name: string) {
  const { world } = call;
  const sha = await branchHead(project.repository, name);
  const commit = sha === undefined ? undefined : await readCommit(project.repository, sha);
  if (sha === undefined || commit === undefined) throw notFound('Branch');
  const main = await branchHead(project.repository, project.defaultBranch);
  const userId = callerOf(call).user.id;
  const rules = project.protectedBranches.filter((rule) => matchesPattern(rule.name, name));
  const developers = (kind: 'push' | 'merge') =>
    rules.some((rule) => rule[kind].some((one) => one.accessLevel === LEVEL.developer));
  return {
    name,
    commit: commitJson(world, project, commit),
    merged:
      name !== project.defaultBranch &&
      main !== undefined &&
      (await isAncestor(project.repository, sha, main)),
    protected: isProtectedBranch(project, name),
    developers_can_push: developers('push'),
    developers_can_merge: developers('merge'),
    can_push: mayPushBranch(world, project, userId, name),
    default: name === project.defaultBranch,
    web_url: `${projectUrl(world, project)}/-/tree/${name}`,
  };
}
