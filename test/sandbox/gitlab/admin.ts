import { randomBytes } from 'node:crypto';
import { commitFiles, forkRepository, initRepository } from './git/repository.ts';
import { person } from './merging.ts';
import { type Group, LEVEL, type Project, type ProjectSettings, type Token, type User } from './model.ts';
import {
  findProject,
  newTokenValue,
  nextId,
  now,
  projectPath,
  projectUrl,
  repositoryDir,
  userByName,
  type World,
} from './world.ts';

/** A wish of the admin API that cannot be met; answered with 400 and this text. */
export class AdminError extends Error {}

export interface NewUser {
  username: string;
  name?: string | undefined;
  email?: string | undefined;
  public_email?: string | undefined;
  bot?: boolean | undefined;
  state?: 'active' | 'blocked' | undefined;
}

export function createUser(world: World, input: NewUser): User {
  if (userByName(world, input.username) !== undefined) throw new AdminError(`user ${input.username} exists`);
  const user: User = {
    id: nextId(world),
    username: input.username,
    name: input.name ?? input.username,
    state: input.state ?? 'active',
    email: input.email ?? `${input.username}@example.com`,
    publicEmail: input.public_email ?? null,
    bot: input.bot ?? false,
    createdAt: now(),
  };
  world.users.set(user.id, user);
  return user;
}

export function createGroup(world: World, fullPath: string, name?: string): Group {
  const existing = [...world.groups.values()].find((group) => group.fullPath === fullPath);
  if (existing !== undefined) return existing;
  const group: Group = {
    id: nextId(world),
    fullPath,
    name: name ?? fullPath,
    visibility: 'private',
    members: [],
    invited: [],
  };
  world.groups.set(group.id, group);
  return group;
}

export interface NewProject {
  /** `group/project`; groups that are missing are made. */
  path: string;
  files?: Record<string, string> | undefined;
  default_branch?: string | undefined;
  visibility?: Project['visibility'] | undefined;
  description?: string | undefined;
  /** By default the default branch is protected as GitLab does it: Maintainers push and merge. */
  protect_default_branch?: boolean | undefined;
  settings?: Partial<ProjectSettings> | undefined;
}

export async function createProject(world: World, hooksDir: string, input: NewProject): Promise<Project> {
  if (findProject(world, input.path) !== undefined) throw new AdminError(`project ${input.path} exists`);
  const segments = input.path.split('/');
  const path = segments.pop() ?? '';
  if (segments.length === 0 || path === '') throw new AdminError('path must be group/project');
  const owner = segments.length === 1 ? userByName(world, segments[0] ?? '') : undefined;
  const namespace = segments.join('/');
  const group = owner === undefined ? createGroup(world, namespace) : undefined;
  const id = nextId(world);
  const branch = input.default_branch ?? 'main';
  const project: Project = {
    id,
    path,
    name: path,
    namespace,
    groupId: group?.id ?? null,
    visibility: input.visibility ?? 'private',
    defaultBranch: branch,
    description: input.description ?? null,
    createdAt: now(),
    repository: repositoryDir(world, id),
    forkedFrom: null,
    members: owner === undefined ? [] : [{ userId: owner.id, accessLevel: LEVEL.owner, expiresAt: null }],
    settings: { ...DEFAULT_SETTINGS, ...input.settings },
    protectedBranches: [],
    protectedTags: [],
    releases: [],
    mergeRequests: [],
    pipelines: [],
    statuses: [],
    hooks: [],
    events: [],
    labels: [],
    terraformStates: new Map(),
  };
  await initRepository(project.repository, branch, hooksDir);
  if (input.files !== undefined) {
    await commitFiles(project.repository, branch, input.files, 'Initial commit\n', person(rootUser(world)));
  }
  if (input.protect_default_branch !== false) protectBranch(world, project, branch);
  world.projects.set(id, project);
  return project;
}

/** A copy under the user's own namespace, who owns it. */
export async function forkProject(
  world: World,
  hooksDir: string,
  from: Project,
  user: User,
): Promise<Project> {
  const fork = await createProject(world, hooksDir, {
    path: `${user.username}/${from.path}`,
    default_branch: from.defaultBranch,
    visibility: from.visibility,
  });
  await forkRepository(from.repository, fork.repository, hooksDir);
  fork.forkedFrom = from.id;
  return fork;
}

export interface NewToken {
  user: User;
  name?: string | undefined;
  scopes?: string[] | undefined;
  expires_at?: string | null | undefined;
}

export function createToken(world: World, input: NewToken): Token {
  const token: Token = {
    id: nextId(world),
    value: newTokenValue(),
    name: input.name ?? 'sandbox',
    userId: input.user.id,
    scopes: input.scopes ?? ['api'],
    createdAt: now(),
    expiresAt: input.expires_at ?? null,
    revoked: false,
    lastUsedAt: null,
    deploy: null,
  };
  world.tokens.push(token);
  return token;
}

/** A project access token: a bot user, its membership and its token in one. */
export function createProjectBot(
  world: World,
  project: Project,
  input: {
    name?: string | undefined;
    access_level?: number | undefined;
    scopes?: string[] | undefined;
    expires_at?: string | null | undefined;
  },
): { user: User; token: Token } {
  const username = `project_${project.id}_bot_${randomBytes(8).toString('hex')}`;
  const user = createUser(world, {
    username,
    name: input.name ?? 'bot',
    email: `${username}@noreply.example.com`,
    bot: true,
  });
  project.members.push({
    userId: user.id,
    accessLevel: input.access_level ?? LEVEL.maintainer,
    expiresAt: null,
  });
  return { user, token: createToken(world, { user, ...input }) };
}

export function projectSummary(world: World, project: Project) {
  const url = projectUrl(world, project);
  return {
    id: project.id,
    path_with_namespace: projectPath(project),
    default_branch: project.defaultBranch,
    web_url: url,
    http_url_to_repo: `${url}.git`,
  };
}

export function rootUser(world: World): User {
  return (
    userByName(world, 'root') ??
    createUser(world, { username: 'root', name: 'Administrator', email: 'root@example.com' })
  );
}

function protectBranch(world: World, project: Project, name: string): void {
  const maintainers = () => [{ id: nextId(world), accessLevel: LEVEL.maintainer, userId: null }];
  project.protectedBranches.push({
    id: nextId(world),
    name,
    push: maintainers(),
    merge: maintainers(),
    allowForcePush: false,
    codeOwnerApprovalRequired: false,
  });
}

const DEFAULT_SETTINGS: ProjectSettings = {
  onlyAllowMergeIfPipelineSucceeds: false,
  allowMergeOnSkippedPipeline: false,
  onlyAllowMergeIfAllDiscussionsAreResolved: false,
  onlyAllowMergeIfAllStatusChecksPassed: false,
  mergeMethod: 'merge',
  squashOption: 'default_off',
  removeSourceBranchAfterMerge: true,
  resetApprovalsOnPush: false,
  authorMayApprove: false,
  mergeTrains: false,
  pipelineJobLimit: 100_000,
  approvalsRequired: 0,
};
