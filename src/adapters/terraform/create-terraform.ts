import type { Isolation, Terraform } from '#app/ports/terraform.ts';
import type { Binary } from '#domain/workflow.ts';
import { createBinaries, versionLabel } from './binaries.ts';
import type { InstalledBinary } from './binaries.ts';
import { createInitCache, tidyInitCache } from './init-cache.ts';
import { detectIsolation } from './isolation.ts';
import type { UidRange } from './isolation.ts';
import { prepareApply, readState } from './prepare-apply.ts';
import { runFolderPath, tidyRunFolders } from './run-folder.ts';
import { runningApply } from './running-apply.ts';
import { runPlan } from './run-plan.ts';
import type { RunSettings } from './run.ts';

export interface TerraformOptions {
  /** Path of the default terraform or tofu, or its name on `searchPath`. */
  binary: string;
  /** What the default is, and the exact version that it must have. */
  distribution?: Binary['distribution'];
  version?: string;
  /** Other programs, for projects that ask for them. */
  binaries?: readonly InstalledBinary[];
  searchPath?: string;
  /** Where runs take place; the same absolute path on every worker, and each machine's own. */
  runRoot: string;
  uids?: UidRange;
  /** Insists on a kind of isolation; without it, the best that works here. */
  isolation?: Isolation;
  /** Folder of providers (`filesystem_mirror`); nothing is then fetched from a registry. */
  providerMirror?: string;
  /** Other paths that every run may write, for states on a shared disk. */
  writablePaths?: readonly string[];
}

/** Runs terraform as child processes of this one, isolated as well as the machine allows. */
export function createTerraform(options: TerraformOptions): Terraform {
  const { version, runRoot, providerMirror } = options;
  const binaries = createBinaries(
    [
      {
        path: options.binary,
        distribution: options.distribution ?? 'terraform',
        ...(version === undefined ? {} : { version }),
      },
      ...(options.binaries ?? []),
    ],
    options.searchPath ?? '/usr/local/bin:/usr/bin:/bin',
  );
  const uids = options.uids ?? { first: 64_000, count: 100 };
  let settings: Promise<RunSettings> | undefined;

  async function findSettings(): Promise<RunSettings> {
    return {
      binaries,
      runRoot,
      uids,
      isolation: options.isolation ?? (await detectIsolation(uids)),
      providerMirror,
      cache: createInitCache(runRoot, providerMirror),
      paths: {
        readable: [...binaries.paths, ...(providerMirror === undefined ? [] : [providerMirror])],
        writable: options.writablePaths ?? [],
      },
    };
  }
  const once = () => (settings ??= findSettings());

  return {
    isolation: async () => (await once()).isolation,
    version: async (binary) => versionLabel(await binaries.find(binary)),
    plan: async (request, onLine, signal) => runPlan(await once(), request, onLine, signal),
    prepareApply: async (request, onLine) => prepareApply(await once(), request, onLine),
    readState: async (request) => readState(await once(), request),
    runningApply: async ({ folderKey, dir }) =>
      runningApply(runFolderPath(runRoot, folderKey), dir, binaries.paths),
    async tidy(keep, olderThanMs) {
      await tidyRunFolders(runRoot, keep, olderThanMs);
      await tidyInitCache(runRoot);
    },
  };
}
