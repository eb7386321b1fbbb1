import { announceRelease } from '../announce.ts';
import { type Call, callerOf, projectFor, type Route } from '../api.ts';
import { apiError, forbidden, notFound } from '../errors.ts';
import { readCommit } from '../git/history.ts';
import { resolveCommit, ZERO_SHA } from '../git/repository.ts';
import { readTag, writeTag } from '../git/tags.ts';
import { person } from '../merging.ts';
import { LEVEL, type Project, type Release } from '../model.ts';
import { paginate } from '../paginate.ts';
import { commitJson, userBasicById } from '../present/basics.ts';
import { mayCreateTag } from '../protected-refs.ts';
import { recordPush } from '../pushes.ts';
import { now, projectPath, projectUrl, type World } from '../world.ts';

const BASE = '/projects/:id/releases';

export const releaseRoutes: Route[] = [
  {
    method: 'GET',
    path: BASE,
    run: (call) => {
      const project = projectFor(call, LEVEL.guest);
      return Promise.all(
        paginate(call, project.releases).map((one) => releaseJson(call.world, project, one)),
      );
    },
  },
  { method: 'POST', path: BASE, run: createRelease },
  {
    method: 'GET',
    path: `${BASE}/:tag_name`,
    run: (call) => {
      const project = projectFor(call, LEVEL.guest);
      return releaseJson(call.world, project, find(call, project));
    },
  },
  { method: 'PUT', path: `${BASE}/:tag_name`, run: updateRelease },
];

async function createRelease(call: Call) {
  const { world, params } = call;
  const project = projectFor(call, LEVEL.developer);
  const { user } = callerOf(call);
  const tagName = params.text('tag_name');
  if (project.releases.some((one) => one.tagName === tagName)) throw apiError(409, 'Release already exists');
  const sha =
    (await readTag(project.repository, tagName))?.commitId ?? (await createTag(call, project, tagName));
  const at = now();
  const release: Release = {
    tagName,
    name: params.string('name') ?? tagName,
    description: params.string('description') ?? '',
    authorId: user.id,
    createdAt: at,
    releasedAt: params.string('released_at') ?? at,
  };
  project.releases.unshift(release);
  await announceRelease(world, project, release, 'create', sha);
  return releaseJson(world, project, release);
}

async function createTag(call: Call, project: Project, name: string): Promise<string> {
  const { user } = callerOf(call);
  const ref = call.params.string('ref');
  if (ref === undefined) throw apiError(422, 'Ref is not specified');
  const sha = await resolveCommit(project.repository, ref);
  if (sha === undefined) throw apiError(400, `Target ${ref} is invalid`);
  if (!mayCreateTag(call.world, project, user.id, name)) throw forbidden();
  await writeTag(project.repository, name, sha, call.params.string('tag_message') ?? null, person(user));
  await recordPush(call.world, project, user, [{ ref: `refs/tags/${name}`, before: ZERO_SHA, after: sha }]);
  return sha;
}

async function updateRelease(call: Call) {
  const project = projectFor(call, LEVEL.developer);
  const release = find(call, project);
  release.name = call.params.string('name') ?? release.name;
  release.description = call.params.string('description') ?? release.description;
  const tag = await readTag(project.repository, release.tagName);
  if (tag !== undefined) await announceRelease(call.world, project, release, 'update', tag.commitId);
  return releaseJson(call.world, project, release);
}

function find(call: Call, project: Project): Release {
  const release = project.releases.find((one) => one.tagName === call.path['tag_name']);
  if (release === undefined) throw notFound();
  return release;
}

async function releaseJson(world: World, project: Project, release: Release) {
  const tag = await readTag(project.repository, release.tagName);
  const commit = tag === undefined ? undefined : await readCommit(project.repository, tag.commitId);
  const url = `${projectUrl(world, project)}/-/releases/${encodeURIComponent(release.tagName)}`;
  return {
    tag_name: release.tagName,
    description: release.description,
    name: release.name,
    created_at: release.createdAt,
    released_at: release.releasedAt,
    upcoming_release: false,
    author: userBasicById(world, release.authorId),
    commit: commit === undefined ? null : commitJson(world, project, commit),
    commit_path: commit === undefined ? null : `/${projectPath(project)}/-/commit/${commit.id}`,
    tag_path: `/${projectPath(project)}/-/tags/${release.tagName}`,
    assets: { count: 0, sources: [], links: [] },
    evidences: [],
    _links: { self: url },
  };
}
