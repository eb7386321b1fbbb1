import type { Commit, FileDiff } from '../git/history.ts';
import { LEVEL, type Pipeline, type Project, type Token, type User } from '../model.ts';
import { accessLevel, avatarUrl, projectPath, projectUrl, userById, type World } from '../world.ts';

/** `API::Entities::UserBasic`. */
export function userBasic(world: World, user: User) {
  return {
    id: user.id,
    username: user.username,
    public_email: user.publicEmail ?? '',
    name: user.name,
    state: user.state,
    locked: false,
    avatar_url: avatarUrl(user),
    web_url: `${world.url}/${user.username}`,
  };
}

export function userBasicById(world: World, id: number | null) {
  return id === null ? null : userBasic(world, userById(world, id));
}

/** `API::Entities::UserPublic` for oneself: what `GET /user` shows. */
export function currentUser(world: World, user: User) {
  return {
    ...userBasic(world, user),
    created_at: user.createdAt,
    bio: '',
    location: '',
    bot: user.bot,
    email: user.email,
    commit_email: user.email,
    two_factor_enabled: false,
    external: false,
    can_create_group: !user.bot,
    can_create_project: !user.bot,
    is_admin: false,
  };
}

/** `API::Entities::Project` with the caller's permissions. */
export function projectJson(world: World, project: Project, userId: number | null) {
  const url = projectUrl(world, project);
  const level = accessLevel(world, project, userId);
  const own = project.members.find((one) => one.userId === userId);
  const fork = project.forkedFrom === null ? undefined : world.projects.get(project.forkedFrom);
  const settings = project.settings;
  return {
    ...basicProject(world, project),
    visibility: project.visibility,
    archived: false,
    merge_requests_enabled: true,
    jobs_enabled: true,
    creator_id: 1,
    empty_repo: false,
    open_issues_count: 0,
    import_status: 'none',
    only_allow_merge_if_pipeline_succeeds: settings.onlyAllowMergeIfPipelineSucceeds,
    allow_merge_on_skipped_pipeline: settings.allowMergeOnSkippedPipeline,
    only_allow_merge_if_all_discussions_are_resolved: settings.onlyAllowMergeIfAllDiscussionsAreResolved,
    only_allow_merge_if_all_status_checks_passed: settings.onlyAllowMergeIfAllStatusChecksPassed,
    remove_source_branch_after_merge: settings.removeSourceBranchAfterMerge,
    merge_method: settings.mergeMethod,
    squash_option: settings.squashOption,
    permissions: {
      project_access: own === undefined ? null : { access_level: own.accessLevel, notification_level: 3 },
      group_access:
        level > (own?.accessLevel ?? LEVEL.none) ? { access_level: level, notification_level: 3 } : null,
    },
    _links: {
      self: `${world.url}/api/v4/projects/${project.id}`,
      merge_requests: `${world.url}/api/v4/projects/${project.id}/merge_requests`,
    },
    updated_at: project.createdAt,
    ...(fork === undefined ? {} : { forked_from_project: basicProject(world, fork) }),
    web_url: url,
  };
}

function basicProject(world: World, project: Project) {
  const url = projectUrl(world, project);
  const namespaceName = project.namespace.split('/').at(-1) ?? project.namespace;
  return {
    id: project.id,
    description: project.description,
    name: project.name,
    name_with_namespace: `${project.namespace.split('/').join(' / ')} / ${project.name}`,
    path: project.path,
    path_with_namespace: projectPath(project),
    created_at: project.createdAt,
    default_branch: project.defaultBranch,
    tag_list: [],
    topics: [],
    ssh_url_to_repo: sshUrl(world, project),
    http_url_to_repo: `${url}.git`,
    web_url: url,
    readme_url: null,
    forks_count: 0,
    avatar_url: null,
    star_count: 0,
    last_activity_at: project.createdAt,
    namespace: {
      id: project.groupId ?? 0,
      name: namespaceName,
      path: namespaceName,
      kind: project.groupId === null ? 'user' : 'group',
      full_path: project.namespace,
      parent_id: null,
      avatar_url: null,
      web_url: `${world.url}/${project.namespace}`,
    },
  };
}

export function sshUrl(world: World, project: Project): string {
  return `git@${new URL(world.url).hostname}:${projectPath(project)}.git`;
}

/** `API::Entities::Commit`. */
export function commitJson(world: World, project: Project, commit: Commit) {
  return {
    id: commit.id,
    short_id: commit.id.slice(0, 8),
    created_at: commit.committedDate,
    parent_ids: commit.parentIds,
    title: commit.title,
    message: commit.message,
    author_name: commit.authorName,
    author_email: commit.authorEmail,
    authored_date: commit.authoredDate,
    committer_name: commit.committerName,
    committer_email: commit.committerEmail,
    committed_date: commit.committedDate,
    trailers: {},
    extended_trailers: {},
    web_url: `${projectUrl(world, project)}/-/commit/${commit.id}`,
  };
}

export function diffJson(file: FileDiff) {
  return {
    diff: file.diff,
    collapsed: false,
    too_large: false,
    new_path: file.newPath,
    old_path: file.oldPath,
    a_mode: file.aMode,
    b_mode: file.bMode,
    new_file: file.newFile,
    renamed_file: file.renamedFile,
    deleted_file: file.deletedFile,
    generated_file: false,
  };
}

/** `API::Entities::Ci::PipelineBasic`. */
export function pipelineBasic(world: World, project: Project, pipeline: Pipeline) {
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: project.id,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipeline.status,
    source: pipeline.source,
    created_at: pipeline.createdAt,
    updated_at: pipeline.updatedAt,
    web_url: `${projectUrl(world, project)}/-/pipelines/${pipeline.id}`,
  };
}

/** `API::Entities::Ci::Pipeline`. */
export function pipelineJson(world: World, project: Project, pipeline: Pipeline) {
  return {
    ...pipelineBasic(world, project, pipeline),
    before_sha: '0'.repeat(40),
    tag: false,
    yaml_errors: null,
    user: userBasicById(world, pipeline.userId),
    started_at: pipeline.startedAt,
    finished_at: pipeline.finishedAt,
    committed_at: null,
    duration: null,
    queued_duration: null,
    coverage: null,
    detailed_status: {
      icon: `status_${pipeline.status}`,
      text: pipeline.status,
      label: pipeline.status,
      group: pipeline.status,
      tooltip: pipeline.status,
      has_details: true,
      details_path: `/${projectPath(project)}/-/pipelines/${pipeline.id}`,
      illustration: null,
      favicon: '',
    },
  };
}

/** `API::Entities::PersonalAccessToken`: never its value. */
export function tokenJson(token: Token, active: boolean) {
  return {
    id: token.id,
    name: token.name,
    revoked: token.revoked,
    created_at: token.createdAt,
    description: null,
    scopes: token.scopes,
    user_id: token.userId,
    last_used_at: token.lastUsedAt,
    active,
    expires_at: token.expiresAt,
  };
}
