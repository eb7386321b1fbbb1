import { basename } from 'node:path';
import { canonicalHash } from '#domain/canonical-hash.ts';
import { matchesPath } from '#domain/path-match.ts';
import type { ConfigFile } from './schema.ts';
import type { Config } from './types.ts';

/** One root module in one workspace of a repository. */
export interface ProjectPlace {
  /** The code host's id of the repository. */
  repository: number;
  dir: string;
  workspace: string;
}

/** A variable for a run: its value, or the file that holds it. */
export type RunVariables = Readonly<Record<string, string | { file: string }>>;

type Governing = Pick<Config, 'credentials' | 'terraform' | 'gates' | 'tiers' | 'tierRules' | 'modules'> & {
  gitlab: Pick<ConfigFile['gitlab'], 'accessLevels' | 'commands'>;
};

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
 * SHA-256 (hex) of all that governs one project and is not hashed elsewhere: what the server's file and the repository's
 * came to for it, the variables of its runs, terraform's version and isolation, gates, tiers and access levels. Rules of checks
 * have the policy hash; people are asked live. It is the same on every machine, so of a file only its name counts: the folder is
 * each machine's own.
 *
 * @param settled what was resolved for the project.
 */
export function configurationHash(config: Governing, place: ProjectPlace, settled: object): string {
  const { version, providerMirror, requireIsolation } = config.terraform;
  return canonicalHash({
    ...place,
    settled,
    plan: withoutFolders(runVariables(config, place, 'plan')),
    apply: withoutFolders(runVariables(config, place, 'apply')),
    terraform: {
      version: version ?? null,
      providerMirror: providerMirror === undefined ? null : basename(providerMirror),
      requireIsolation,
    },
    gates: config.gates,
    tiers: config.tiers,
    tierRules: config.tierRules.map((rule) => ({ ...rule, place: null })),
    modules: config.modules,
    accessLevels: config.gitlab.accessLevels,
    commands: config.gitlab.commands,
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
