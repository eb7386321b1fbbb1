import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { Fault } from '#domain/fault.ts';
import type { Isolation, Terraform } from '#app/ports/terraform.ts';
import { detectIsolation } from './isolation.ts';
import type { UidRange } from './isolation.ts';
import { prepareApply } from './prepare-apply.ts';
import { runFolderPath, tidyRunFolders } from './run-folder.ts';
import { runningApply } from './running-apply.ts';
import { runPlan } from './run-plan.ts';
import type { RunSettings } from './run.ts';

export interface TerraformOptions {
  /** Path of terraform or tofu, or its name on `searchPath`. */
  binary: string;
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
  const binary = findBinary(options.binary, options.searchPath ?? '/usr/local/bin:/usr/bin:/bin');
  const uids = options.uids ?? { first: 64_000, count: 100 };
  let settings: Promise<RunSettings> | undefined;
  let version: Promise<string> | undefined;

  async function findSettings(): Promise<RunSettings> {
    const { providerMirror } = options;
    return {
      binary,
      runRoot: options.runRoot,
      uids,
      isolation: options.isolation ?? (await detectIsolation(uids)),
      providerMirror,
      paths: {
        readable: [binary, ...(providerMirror === undefined ? [] : [providerMirror])],
        writable: options.writablePaths ?? [],
      },
    };
  }
  const once = () => (settings ??= findSettings());

  return {
    isolation: async () => (await once()).isolation,
    version: () => (version ??= askVersion(binary)),
    plan: async (request, onLine, signal) => runPlan(await once(), request, onLine, signal),
    prepareApply: async (request, onLine) => prepareApply(await once(), request, onLine),
    runningApply: async ({ folderKey, dir }) =>
      runningApply(runFolderPath(options.runRoot, folderKey), dir, binary),
    tidy: (keep, olderThanMs) => tidyRunFolders(options.runRoot, keep, olderThanMs),
  };
}

function findBinary(name: string, searchPath: string): string {
  const candidates = isAbsolute(name)
    ? [name]
    : searchPath.split(delimiter).map((folder) => join(folder, name));
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Fault('no-terraform', `There is no ${name}; looked for ${candidates.join(', ')}`, {
    retryable: false,
  });
}

async function askVersion(binary: string): Promise<string> {
  const { stdout } = await execa(binary, ['version', '-json'], {
    env: { CHECKPOINT_DISABLE: '1', HOME: '/nonexistent', TF_CLI_CONFIG_FILE: '/dev/null' },
    extendEnv: false,
    cwd: '/',
    timeout: 30_000,
  });
  return z.object({ terraform_version: z.string() }).parse(JSON.parse(stdout)).terraform_version;
}
