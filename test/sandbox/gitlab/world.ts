import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Faults } from './faults.ts';
import type { HookQueue } from './hooks.ts';
import {
  type Group,
  LEVEL,
  type Membership,
  type MergeRequest,
  type Pipeline,
  type Project,
  type Token,
  type User,
  type Version,
} from './model.ts';

/** One line of the request log (`GET /sandbox/requests`). `body` is kept for writes only. */
export interface RequestRecord {
  at: string;
  method: string;
  path: string;
  query: string;
  status: number;
  user: string | null;
  body: unknown;
}

/** Everything the double knows: what is in memory, where its repositories are, and what is under way. */
export interface World {
  url: string;
  dir: string;
  version: Version;
  mergeStatusDelayMs: number;
  /** Above this many rows a list tells no totals, as GitLab's do. */
  countLimit: number;
  users: Map<number, User>;
  groups: Map<number, Group>;
  projects: Map<number, Project>;
  tokens: Token[];
  requests: RequestRecord[];
  faults: Faults;
  hooks: HookQueue;
  /** Work begun in the background (mergeability checks, auto-merges); `settle` waits for it. */
  background: Set<Promise<unknown>>;
  lastId: number;
  /** Told of what automatic merges and trains wait for. */
  follow: {
    pipelineMoved(project: Project, pipeline: Pipeline): void;
    branchMoved(project: Project, branch: string): void;
  };
}

export function nextId(world: World): number {
  world.lastId += 1;
  return world.lastId;
}

export function now(): string {
  return new Date().toISOString();
}

/** Runs work after a delay without holding up the answer; failures surface as unhandled rejections. */
export function later(world: World, delayMs: number, work: () => Promise<unknown>): void {
  const task = new Promise((resolve) => setTimeout(resolve, delayMs)).then(work);
  world.background.add(task);
  void task.finally(() => world.background.delete(task));
}

/** Waits until no hook is in flight and no background work is left. */
export async function settle(world: World): Promise<void> {
  while (world.background.size > 0 || world.hooks.inFlight() > 0) {
    await Promise.all(world.background);
    await world.hooks.idle();
  }
}

export function projectPath(project: Project): string {
  return `${project.namespace}/${project.path}`;
}

export function projectUrl(world: World, project: Project): string {
  return `${world.url}/${projectPath(project)}`;
}

export function mergeRequestUrl(world: World, mergeRequest: MergeRequest): string {
  return `${projectUrl(world, targetProject(world, mergeRequest))}/-/merge_requests/${mergeRequest.iid}`;
}

export function repositoryDir(world: World, id: number): string {
  return path.join(world.dir, 'repositories', `${id}.git`);
}

/** A project by number or by its full path. */
export function findProject(world: World, key: string): Project | undefined {
  if (/^\d+$/.test(key)) return world.projects.get(Number(key));
  const wanted = key.toLowerCase();
  return [...world.projects.values()].find((project) => projectPath(project).toLowerCase() === wanted);
}

export function userById(world: World, id: number): User {
  const user = world.users.get(id);
  if (user === undefined) throw new Error(`no user ${id} in the double`);
  return user;
}

export function userByName(world: World, username: string): User | undefined {
  const wanted = username.toLowerCase();
  return [...world.users.values()].find((user) => user.username.toLowerCase() === wanted);
}

export function targetProject(world: World, mergeRequest: MergeRequest): Project {
  const project = world.projects.get(mergeRequest.projectId);
  if (project === undefined) throw new Error(`no project ${mergeRequest.projectId} in the double`);
  return project;
}

/** The project a merge request comes from; undefined when the fork was deleted. */
export function sourceProject(world: World, mergeRequest: MergeRequest): Project | undefined {
  return world.projects.get(mergeRequest.sourceProjectId);
}

/** The highest role of a user in a project, inherited ones included; memberships past their end count nothing. */
export function accessLevel(world: World, project: Project, userId: number | null): number {
  if (userId === null) return LEVEL.none;
  const memberships = membershipsOf(world, project).filter((one) => one.userId === userId);
  return Math.max(LEVEL.none, ...memberships.map((one) => one.accessLevel));
}

/** Memberships of the project, of every group above it and of groups invited to those; the expired left out. */
export function membershipsOf(world: World, project: Project): Membership[] {
  return inForce([...project.members, ...membershipsUpwards(world, project.namespace)]);
}

/** Memberships of the group, of every group above it and of groups invited to any of them; the expired left out. */
export function groupMemberships(world: World, group: Group): Membership[] {
  return inForce(membershipsUpwards(world, group.fullPath));
}

function membershipsUpwards(world: World, fullPath: string): Membership[] {
  return groupsAbove(world, fullPath).flatMap((group) => [
    ...group.members,
    ...group.invited.flatMap(({ groupId, accessLevel: most }) => {
      const invited = world.groups.get(groupId);
      const theirs = invited === undefined ? [] : groupsAbove(world, invited.fullPath);
      return theirs.flatMap(({ members }) =>
        members.map((one) => ({ ...one, accessLevel: Math.min(one.accessLevel, most) })),
      );
    }),
  ]);
}

/** The group of that path and those above it. */
function groupsAbove(world: World, fullPath: string): Group[] {
  return [...world.groups.values()].filter(
    (group) => fullPath === group.fullPath || fullPath.startsWith(`${group.fullPath}/`),
  );
}

function inForce(memberships: readonly Membership[]): Membership[] {
  const today = now().slice(0, 10);
  return memberships.filter(({ expiresAt }) => expiresAt === null || expiresAt > today);
}

export function findGroup(world: World, key: string): Group | undefined {
  const wanted = key.toLowerCase();
  return [...world.groups.values()].find(
    ({ id, fullPath }) => String(id) === key || fullPath.toLowerCase() === wanted,
  );
}

export function newTokenValue(): string {
  return `glpat-${randomBytes(15).toString('base64url')}`;
}

export function avatarUrl(user: User): string {
  const hash = createHash('sha256').update(user.email.toLowerCase()).digest('hex');
  return `https://www.gravatar.com/avatar/${hash}?s=80&d=identicon`;
}
