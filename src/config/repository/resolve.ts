import type { CataloguedProject, ProjectSettings, RepositorySettings } from '#app/ports/project-catalogue.ts';
import type { RunHooks } from '#app/ports/terraform.ts';
import type { RootModule } from '#app/ports/source.ts';
import { matchesPath } from '#domain/path-match.ts';
import { calendarProblems, calendarRules } from '../calendar.ts';
import type { Problem } from '../problems.ts';
import type { YamlFile } from '../read-yaml.ts';
import type { ConfigFile } from '../schema.ts';
import { resolveDependencies } from './dependencies.ts';
import { type ListedProject, listProjects } from './list-projects.ts';
import { type ResolvedSettings, resolveSettings } from './resolve-settings.ts';
import type { RepositoryFile } from './schema.ts';
import type { ServerRepository } from './server-schema.ts';

/** What the server's file says that concerns a repository. */
export type ServerSide = Pick<ConfigFile, 'workflows' | 'hooks' | 'tiers'> & { repository: ServerRepository };

/** A project with all that holds for it, but for what has to be asked from git. */
export interface ResolvedProject extends Pick<CataloguedProject, 'settings' | 'origins'> {
  root: RootModule;
  target: Pick<CataloguedProject['target'], 'key' | 'name' | 'dir' | 'workspace' | 'applyOn' | 'holdFrom'>;
}

export interface Resolution {
  projects: readonly ResolvedProject[];
  repository: RepositorySettings;
  problems: readonly Problem[];
  /** Names in `dependsOn` that lead to nothing in this tree. */
  unknown: readonly (Problem & { name: string })[];
  warnings: readonly Problem[];
}

/**
 * What a repository's file, on top of the server's, comes to for the root modules of a tree. Pure: the same files and
 * the same tree are the same projects.
 */
export function resolveRepository(
  server: ServerSide,
  file: YamlFile<RepositoryFile>,
  roots: readonly RootModule[],
): Resolution {
  const listed = listProjects(server.repository, file, roots);
  const shelf = { server: server.workflows, own: file.value.workflows };
  const resolved = listed.projects.map((project) => ({
    project,
    ...resolveSettings(project.root.dir, project.entry, project.layers, shelf, server.tiers),
  }));
  const dependencies = resolveDependencies(
    resolved.map(({ project: { key, name }, settings: { dependsOn, orderGroup }, dependsOnPlace }) => ({
      key,
      name,
      dependsOn,
      orderGroup,
      dependsOnPlace,
    })),
  );
  return {
    projects: resolved.map((each) =>
      asResolved(server, each.project, each, dependencies.after.get(each.project.key) ?? []),
    ),
    repository: repositorySettings(server.repository, file.value),
    problems: oncePerPlace([
      ...sharedWorkflows(server, file),
      ...calendarProblems(file.value.calendar, server.tiers, (...keys) =>
        file.placeOf(['calendar', ...keys]),
      ),
      ...listed.problems,
      ...resolved.flatMap(({ problems }) => problems),
      ...dependencies.problems,
    ]),
    unknown: oncePerPlace(dependencies.unknown),
    warnings: oncePerPlace(listed.warnings),
  };
}

function asResolved(
  server: ServerSide,
  { root, workspace, key, name }: ListedProject,
  { applyOn, holdFrom, settings, origins }: ResolvedSettings,
  dependsOn: readonly string[],
): ResolvedProject {
  const own: ProjectSettings = { ...settings, dependsOn, hooks: hooksAt(server, root.dir) };
  return {
    root,
    target: { key, name, dir: root.dir, workspace, applyOn, holdFrom },
    settings: own,
    origins,
  };
}

/** Of every entry that fits, in the order of the file. */
function hooksAt({ hooks, repository }: ServerSide, dir: string): RunHooks {
  const fitting = hooks.filter(
    (hook) => (hook.repository ?? repository.id) === repository.id && matchesPath(hook.match, dir),
  );
  return {
    prePlan: fitting.flatMap(({ prePlan }) => prePlan),
    postPlan: fitting.flatMap(({ postPlan }) => postPlan),
    preApply: fitting.flatMap(({ preApply }) => preApply),
    postApply: fitting.flatMap(({ postApply }) => postApply),
  };
}

/** The repository's word, then the server's; of two limits the lower one. */
function repositorySettings(server: ServerRepository, file: RepositoryFile): RepositorySettings {
  const limits = [server.parallelism, file.parallelism].filter((limit) => limit !== undefined);
  return {
    branches: file.branches ?? ['**'],
    drafts: file.drafts ?? server.drafts ?? 'ignore',
    mergeAfterApply: file.mergeAfterApply ?? server.mergeAfterApply ?? true,
    silence: file.silence ?? server.silence ?? [],
    projectStatuses: file.projectStatuses ?? server.projectStatuses ?? false,
    calendar: calendarRules(file.calendar),
    volatile: [...new Set([...(server.volatile ?? []), ...(file.volatile ?? [])])],
    ...(limits.length === 0 ? {} : { parallelism: Math.min(...limits) }),
  };
}

/** A name that meant the server's workflow yesterday must not mean another one tomorrow. */
function sharedWorkflows({ workflows }: ServerSide, { value, placeOf }: YamlFile<RepositoryFile>): Problem[] {
  return Object.keys(value.workflows).flatMap((name) =>
    name === 'default' || Object.hasOwn(workflows, name)
      ? [
          {
            place: placeOf(['workflows', name]),
            what: `workflows.${name}: the server has a workflow of this name`,
          },
        ]
      : [],
  );
}

/** A layer that is wrong for a hundred projects is one thing to mend. */
function oncePerPlace<P extends Problem>(problems: readonly P[]): P[] {
  return [...new Map(problems.toReversed().map((problem) => [problem.place, problem])).values()].toReversed();
}
