import { basename } from 'node:path';
import { canonicalHash } from '#domain/canonical-hash.ts';
import { matchesPath } from '#domain/path-match.ts';
import type { ConfigFile } from './schema.ts';

/** One root module in one workspace of a repository. */
export interface ProjectPlace {
  /** The code host's id of the repository. */
  repository: number;
  dir: string;
  workspace: string;
}

export type ProjectSettings = ConfigFile['repositories'][number]['projects'][number];

/** A variable for a run: its value, or the file that holds it. */
export type RunVariables = Readonly<Record<string, string | { file: string }>>;

type Governing = Pick<ConfigFile, 'repositories' | 'credentials' | 'terraform' | 'gates'> & {
  gitlab: Pick<ConfigFile['gitlab'], 'accessLevels'>;
};

/** What the server says about a project: the first entry that fits. `undefined`: it is not governed here, so not planned. */
export function projectSettings(
  config: Pick<ConfigFile, 'repositories'>,
  { repository, dir, workspace }: ProjectPlace,
): ProjectSettings | undefined {
  const entries = config.repositories.find((each) => each.id === repository)?.projects ?? [];
  return entries.find((entry) => matchesPath(entry.match, dir) && entry.workspaces.includes(workspace));
}

/** The variables a run of the project gets in this phase: of every entry that fits, later ones over earlier ones. */
export function runVariables(
  config: Pick<ConfigFile, 'credentials'>,
  place: Pick<ProjectPlace, 'repository' | 'dir'>,
  phase: 'plan' | 'apply',
): RunVariables {
  const fitting = config.credentials.filter(
    (entry) =>
      (entry.repository ?? place.repository) === place.repository && matchesPath(entry.match, place.dir),
  );
  return Object.assign({}, ...fitting.map((entry) => entry[phase])) as RunVariables;
}

/**
 * SHA-256 (hex) of all that governs one project and is not hashed elsewhere: its settings, the variables of its runs,
 * terraform's version and isolation, gates and access levels. Rules have the policy hash; people are asked live. It is
 * the same on every machine, so of a file only its name counts: the folder is each machine's own.
 *
 * @param repositoryFile what the repository's own `countersign.yaml` on the target branch says of the project.
 */
export function configurationHash(config: Governing, place: ProjectPlace, repositoryFile?: unknown): string {
  const { version, providerMirror, requireIsolation } = config.terraform;
  return canonicalHash({
    ...place,
    settings: projectSettings(config, place) ?? null,
    plan: withoutFolders(runVariables(config, place, 'plan')),
    apply: withoutFolders(runVariables(config, place, 'apply')),
    terraform: {
      version: version ?? null,
      providerMirror: providerMirror === undefined ? null : basename(providerMirror),
      requireIsolation,
    },
    gates: config.gates,
    accessLevels: config.gitlab.accessLevels,
    repositoryFile: repositoryFile ?? null,
  });
}

function withoutFolders(variables: RunVariables): RunVariables {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : { file: basename(value.file) },
    ]),
  );
}
