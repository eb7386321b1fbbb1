import type { Commit } from '../git/history.ts';
import { LEVEL, type Project, type User } from '../model.ts';
import { sshUrl } from '../present/basics.ts';
import { avatarUrl, projectPath, projectUrl, type World } from '../world.ts';

/** The actor of an event. GitLab hides an e-mail that is not public. */
export function userPart(user: User) {
  return {
    id: user.id,
    name: user.name,
    username: user.username,
    avatar_url: avatarUrl(user),
    email: user.publicEmail ?? '[REDACTED]',
  };
}

/** `Project#hook_attrs`: no secrets in it. */
export function projectPart(world: World, project: Project) {
  const url = projectUrl(world, project);
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    web_url: url,
    avatar_url: null,
    git_ssh_url: sshUrl(world, project),
    git_http_url: `${url}.git`,
    namespace: project.namespace,
    visibility_level: { private: LEVEL.none, internal: LEVEL.guest, public: LEVEL.reporter }[
      project.visibility
    ],
    path_with_namespace: projectPath(project),
    default_branch: project.defaultBranch,
    ci_config_path: null,
    homepage: url,
    url: sshUrl(world, project),
    ssh_url: sshUrl(world, project),
    http_url: `${url}.git`,
  };
}

export function repositoryPart(world: World, project: Project) {
  return {
    name: project.name,
    url: sshUrl(world, project),
    description: project.description,
    homepage: projectUrl(world, project),
  };
}

export function commitPart(world: World, project: Project, commit: Commit) {
  return {
    id: commit.id,
    message: commit.message,
    title: commit.title,
    timestamp: commit.authoredDate,
    url: `${projectUrl(world, project)}/-/commit/${commit.id}`,
    author: { name: commit.authorName, email: commit.authorEmail },
  };
}

/** The time format of `object_attributes`. */
export function hookTime(iso: string | null): string | null {
  return iso === null ? null : `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
