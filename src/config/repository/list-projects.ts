import type { RootModule } from '#app/ports/source.ts';
import { matchesPath } from '#domain/path-match.ts';
import type { Problem } from '../problems.ts';
import type { YamlFile } from '../read-yaml.ts';
import type { Layer } from './setting-reader.ts';
import type { RepositoryFile } from './schema.ts';
import type { ServerEntry, ServerRepository } from './server-schema.ts';
import type { LayerSettings } from './settings-schema.ts';

/** A root module in one workspace, with the server's entry that governs it and all that the repository says of it. */
export interface ListedProject {
  root: RootModule;
  workspace: string;
  /** `<dir>`, or `<dir>:<workspace>`. */
  key: string;
  name: string;
  /** Where the file lists it; absent when it was discovered. */
  place?: string;
  entry: ServerEntry;
  /** From the weakest to the strongest. */
  layers: readonly Layer[];
}

export interface Listed {
  projects: readonly ListedProject[];
  problems: readonly Problem[];
  /** What is odd and stops nothing: patterns and folders that lead to nothing. */
  warnings: readonly Problem[];
}

/** A folder that is to be a project, by an entry of the file or because it was found. */
interface Claim {
  root: RootModule;
  index?: number;
}

/**
 * The projects of a tree: folders that the file names, then folders that fit its patterns, then, as far as the file
 * wants it, root modules that nobody names. What the server does not govern is none.
 */
export function listProjects(
  server: ServerRepository,
  file: YamlFile<RepositoryFile>,
  roots: readonly RootModule[],
): Listed {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const projects = claims(server, file, roots, warnings).flatMap((claim) =>
    expand(server, file, claim, problems, warnings),
  );
  for (const [index, { match }] of file.value.defaults.entries())
    if (!projects.some(({ root }) => matchesPath(match, root.dir)))
      warnings.push({
        place: file.placeOf(['defaults', index, 'match']),
        what: `defaults[${index}].match: no project fits ${match}`,
      });
  return {
    projects: projects.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    problems: [...problems, ...sharedKeys(projects)],
    warnings,
  };
}

/** `<dir>` in the default workspace, `<dir>:<workspace>` elsewhere. */
function keyOf(dir: string, workspace: string): string {
  return workspace === 'default' ? dir : `${dir}:${workspace}`;
}

/**
 * A folder that is named wins over a pattern it fits, and either over what would be discovered. What others call as a
 * module is a root only if it says where its state is, or the server names it.
 */
function claims(
  server: ServerRepository,
  { value: file, placeOf }: YamlFile<RepositoryFile>,
  roots: readonly RootModule[],
  warnings: Problem[],
): Claim[] {
  const isRoot = (root: RootModule) =>
    !root.calledByOthers ||
    root.backend !== undefined ||
    server.projects.some(({ match }) => match === root.dir);
  const entries = file.projects.map(({ dir }, index) => ({ dir, index }));
  const warn = (index: number, what: string) =>
    warnings.push({ place: placeOf(['projects', index, 'dir']), what: `projects[${index}].dir: ${what}` });

  const byDir = new Map(roots.map((root) => [root.dir, root]));
  const named: Claim[] = entries
    .filter(({ dir }) => !isPattern(dir))
    .flatMap(({ dir, index }) => {
      const root = byDir.get(dir);
      if (root === undefined) warn(index, `there is no Terraform in ${dir}`);
      return root === undefined ? [] : [{ root, index }];
    });
  const taken = new Set(named.map(({ root }) => root.dir));
  const fitting: Claim[] = entries
    .filter(({ dir }) => isPattern(dir))
    .flatMap(({ dir, index }) => {
      const found = roots.filter((root) => isRoot(root) && matchesPath(dir, root.dir));
      if (found.length === 0) warn(index, `no root module fits ${dir}`);
      return found.filter((root) => !taken.has(root.dir)).map((root) => ({ root, index }));
    });
  for (const { root } of fitting) taken.add(root.dir);
  const { mode, ignore } = file.autodiscover;
  const discovers = mode === 'enabled' || (mode === 'auto' && entries.length === 0);
  const found = discovers
    ? roots.filter(
        (root) => !taken.has(root.dir) && isRoot(root) && !ignore.some((each) => matchesPath(each, root.dir)),
      )
    : [];
  return [...named, ...fitting, ...found.map((root) => ({ root }))];
}

function isPattern(dir: string): boolean {
  return dir.includes('*');
}

/** The projects of a folder: one for each workspace. */
function expand(
  server: ServerRepository,
  { value: file, placeOf }: YamlFile<RepositoryFile>,
  { root, index }: Claim,
  problems: Problem[],
  warnings: Problem[],
): ListedProject[] {
  const own = index === undefined ? undefined : file.projects[index];
  const layers = [
    ...file.defaults.flatMap((says, i) =>
      matchesPath(says.match, root.dir) ? [layerAt(says, placeOf, ['defaults', i])] : [],
    ),
    ...(own === undefined || index === undefined ? [] : [layerAt(own, placeOf, ['projects', index])]),
  ];
  const place = index === undefined ? undefined : placeOf(['projects', index, 'dir']);
  const entries = server.projects.filter(({ match }) => matchesPath(match, root.dir));
  if (entries.length === 0 && place !== undefined)
    warnings.push({
      place,
      what: `dir: the server does not govern ${root.dir}, so nothing is planned there`,
    });
  if (entries.length === 0) return [];
  const asked = layers.findLast(({ says }) => says.workspaces !== undefined);
  const workspaces = asked?.says.workspaces ?? entries.flatMap((entry) => entry.workspaces);
  const several = new Set(workspaces).size > 1;
  return [...new Set(workspaces)].flatMap((workspace) => {
    const key = keyOf(root.dir, workspace);
    const entry = entries.find((each) => each.workspaces.includes(workspace)) ?? entryOfOther(entries);
    if (entry === undefined) {
      const what = `workspaces: the server does not let this repository have ${workspace} (${root.dir})`;
      problems.push({ place: asked?.placeOf('workspaces') ?? '', what });
      return [];
    }
    const name = own?.name === undefined ? key : several ? keyOf(own.name, workspace) : own.name;
    return [{ root, workspace, key, name, ...(place === undefined ? {} : { place }), entry, layers }];
  });
}

/** The entry for a workspace that none of them names: the first, where all of them leave workspaces to the repository. */
function entryOfOther(entries: readonly ServerEntry[]): ServerEntry | undefined {
  return entries.every(({ allow }) => allow.settings.includes('workspaces')) ? entries[0] : undefined;
}

function layerAt(
  says: LayerSettings,
  placeOf: YamlFile<unknown>['placeOf'],
  at: readonly PropertyKey[],
): Layer {
  return { says, placeOf: (...keys) => placeOf([...at, ...keys]) };
}

/** Two projects of one folder and workspace, or of one name, could not be told apart. */
function sharedKeys(projects: readonly ListedProject[]): Problem[] {
  const owners = new Map<string, ListedProject>();
  return projects.flatMap((project) =>
    [...new Set([project.key, project.name])].flatMap((called) => {
      const owner = owners.get(called);
      if (owner === undefined) {
        owners.set(called, project);
        return [];
      }
      const [at, other] = [project, owner].toSorted(
        (a, b) => Number(b.place !== undefined) - Number(a.place !== undefined),
      );
      const what = `${called} is ${other?.key === at?.key ? 'listed' : 'a project'} already${other?.place === undefined ? '' : `, at ${other.place}`}`;
      return [{ place: at?.place ?? '', what }];
    }),
  );
}
