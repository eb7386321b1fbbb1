import { posix } from 'node:path';
import { branchesOf, foldersOf, whenModifiedOf } from './patterns.ts';
import { type AtlantisProject, KNOWN_KEYS } from './schema.ts';
import { holdOf, tellShared } from './shared-keys.ts';
import { below, type Tell, tellUnknown } from './tell.ts';
import type { TranslatedWorkflow } from './workflows.ts';

/** A project as `countersign.yaml` writes it. */
export interface WrittenProject {
  name?: string;
  dir: string;
  workspaces?: string[];
  terraform?: { distribution?: 'tofu'; version?: string };
  varFiles?: string[];
  whenModified?: string[];
  autoplan?: false;
  dependsOn?: string[];
  orderGroup?: number;
  workflow?: string;
  holdFrom?: 'plan' | 'apply';
}

/** What projects are read against. */
export interface ProjectSurroundings {
  /** What became of each workflow; `name` is absent where the default one says the same. */
  workflows: ReadonlyMap<string, { name?: string; translated: TranslatedWorkflow }>;
  /** Atlantis' workflow for projects that name none. */
  defaultWorkflow: string;
  holdFrom: 'plan' | 'apply';
  /** Whether the repository has a file, by its path from the root. */
  exists(path: string): boolean;
}

/** Each of Atlantis' projects as ours: one for each folder pattern of its glob. What does not fit is told. */
export function translateProjects(
  projects: readonly AtlantisProject[],
  around: ProjectSurroundings,
  tell: Tell,
): { projects: WrittenProject[]; branches: string[] | undefined } {
  const written = projects.flatMap((project, index) => translate(project, around, below(tell, index)));
  const unique = withoutTwins(written);
  for (const { index, project } of unique.twins)
    tell(
      `${project.name ?? project.dir}: a folder and a workspace are one project with one state here; give each state a folder or a workspace of its own`,
      index,
    );
  return { projects: unique.projects, branches: branchesOfAll(projects, tell) };

  function translate(project: AtlantisProject, surroundings: ProjectSurroundings, told: Tell) {
    const index = projects.indexOf(project);
    return translateProject(project, surroundings, told).map((each) => ({ index, project: each }));
  }
}

function translateProject(
  project: AtlantisProject,
  around: ProjectSurroundings,
  tell: Tell,
): WrittenProject[] {
  tellUnknown(project, KNOWN_KEYS.project, tell);
  tellShared(project, tell);
  const dirs = foldersOf(project.dir);
  if (dirs === undefined) {
    tell(
      `dir: ${project.dir} is no path pattern here (\`*\` within a segment, \`**\` for any): list its folders`,
      'dir',
    );
    return [];
  }
  const workspace = project.workspace ?? 'default';
  const hold = holdOf(project, tell);
  const chosen = around.workflows.get(project.workflow ?? around.defaultWorkflow);
  const patterns = project.autoplan?.when_modified?.map(whenModifiedOf);
  const settings = {
    ...(workspace === 'default' ? {} : { workspaces: [workspace] }),
    ...binaryOf(project, tell),
    ...(patterns === undefined || patterns.length === 0 ? {} : { whenModified: patterns }),
    ...(project.autoplan?.enabled === false ? { autoplan: false as const } : {}),
    ...(project.depends_on === undefined ? {} : { dependsOn: project.depends_on.map(nameFor) }),
    ...(project.execution_order_group === undefined ? {} : { orderGroup: project.execution_order_group }),
    ...(project.workflow === undefined || chosen?.name === undefined ? {} : { workflow: chosen.name }),
    ...(hold === undefined || hold === around.holdFrom ? {} : { holdFrom: hold }),
  };
  const many = dirs.length > 1 || dirs.some((dir) => dir.includes('*'));
  if (many && project.name !== undefined)
    tell(`name: several folders cannot share the name ${project.name}; each is called by its folder`, 'name');
  return dirs.map((dir) => {
    const varFiles = varFilesOf(dir, project, chosen?.translated.varFiles ?? [], around, tell);
    return {
      ...(many ? {} : named(project, dir, workspace, tell)),
      dir,
      ...settings,
      ...(varFiles.length === 0 ? {} : { varFiles }),
    };
  });
}

/** What a name becomes where ours are stricter. */
function nameFor(name: string): string {
  return name
    .replaceAll(/[^A-Za-z0-9_./-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100);
}

function named(project: AtlantisProject, dir: string, workspace: string, tell: Tell): { name?: string } {
  const { name } = project;
  if (name === undefined || (name === dir && workspace === 'default')) return {};
  const ours = nameFor(name);
  if (ours !== name) tell(`name: ${name} is called ${ours} here`, 'name');
  return ours === '' ? {} : { name: ours };
}

function binaryOf(project: AtlantisProject, tell: Tell): Pick<WrittenProject, 'terraform'> {
  const version = project.terraform_version?.replace(/^[v=\s]+/, '');
  const exact = version !== undefined && /^\d+\.\d+\.\d+(?:-[0-9a-z.]+)?$/.test(version);
  if (version !== undefined && !exact)
    tell(`terraform_version: ${version} is no exact version; name the one that runs it`, 'terraform_version');
  const distribution = project.terraform_distribution === 'opentofu' ? ('tofu' as const) : undefined;
  if (!exact && distribution === undefined) return {};
  return {
    terraform: { ...(distribution === undefined ? {} : { distribution }), ...(exact ? { version } : {}) },
  };
}

/** From the repository's root, with the workspace filled in; Atlantis' own `env/<workspace>.tfvars` as well where it is there. */
function varFilesOf(
  dir: string,
  project: AtlantisProject,
  ofWorkflow: readonly string[],
  around: ProjectSurroundings,
  tell: Tell,
): string[] {
  const workspace = project.workspace ?? 'default';
  const automatic = posix.join(dir, 'env', `${workspace}.tfvars`);
  const files = ofWorkflow.flatMap((file) => {
    const filled = file
      .replaceAll(/\$\{?WORKSPACE\}?/g, workspace)
      .replaceAll(/\$\{?PROJECT_NAME\}?/g, project.name ?? '')
      .replaceAll(/\$\{?(?:DIR|REPO_REL_DIR)\}?/g, dir);
    const path = posix.join(dir, filled);
    const lost = filled.includes('$') || filled.startsWith('/') || path.startsWith('..') || dir.includes('*');
    if (lost)
      tell(
        `-var-file=${file}: write it into varFiles of each project, from the repository's root`,
        'workflow',
      );
    return lost ? [] : [path];
  });
  return !dir.includes('*') && around.exists(automatic) ? [automatic, ...files] : files;
}

function withoutTwins(written: readonly { index: number; project: WrittenProject }[]) {
  const taken = new Set<string>();
  const twins = written.filter(({ project: { dir, workspaces } }) => {
    const key = `${dir}:${workspaces?.[0] ?? 'default'}`;
    const twin = taken.has(key);
    taken.add(key);
    return twin;
  });
  return {
    twins,
    projects: written.filter((each) => !twins.includes(each)).map(({ project }) => project),
  };
}

/** Branches are chosen for a repository whole: what all its projects say, or nothing. */
function branchesOfAll(projects: readonly AtlantisProject[], tell: Tell): string[] | undefined {
  const said = projects.map(({ branch }) => (branch === undefined ? 'all' : branchesOf(branch)));
  const [first] = said;
  if (said.every((each) => each === 'all')) return undefined;
  if (Array.isArray(first) && said.every((each) => Array.isArray(each) && each.join() === first.join()))
    return first;
  for (const [index, each] of said.entries())
    if (each !== 'all')
      tell(
        'branch: which target branches count is said for the whole repository, as `branches`; a project that only one of them has can be left out of the others',
        index,
        'branch',
      );
  return undefined;
}
