import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '#domain/fault.ts';
import { claim } from './claim.ts';
import { inhabitants } from './processes.ts';
import { giveTree } from './run-tree.ts';

/**
 * One run's folder. Its absolute path depends on the key alone, since plans keep absolute paths: every worker with the
 * same `runRoot` puts the same bundle at the same place.
 */
export interface RunFolder {
  path: string;
  /** The repository's tree. */
  tree: string;
  /** The saved plan. */
  planFile: string;
  home: string;
  cliConfig: string;
  /** Writes a file directly below `path`, whatever the run left there under its name, for one user to read. */
  place(name: string, content: string, uid: number | undefined): Promise<void>;
  /** Hands the folder to the user that will run in it, who alone may enter it. */
  giveTo(uid: number | undefined): Promise<void>;
  /** Empties and frees it. */
  release(): Promise<void>;
}

/**
 * Claims the folder for this process, waiting for a run that still has it, and makes it anew: empty, ours, closed to
 * others. A folder somebody still lives in, such as an apply whose supervisor died, is not touched.
 */
export async function openRunFolder(
  runRoot: string,
  folderKey: string,
  wait: { until: number; signal: AbortSignal },
): Promise<RunFolder> {
  const path = runFolderPath(runRoot, folderKey);
  const held = await claimFolder(path, wait);
  const folder: RunFolder = {
    path,
    tree: join(path, 'tree'),
    planFile: join(path, 'out', 'plan.tfplan'),
    home: join(path, 'home'),
    cliConfig: join(path, 'cli.tfrc'),
    async place(name, content, uid) {
      await rm(join(path, name), { recursive: true, force: true });
      // Never through a link: the folder is the run's own to write.
      const file = await open(join(path, name), 'wx', 0o600);
      try {
        await file.writeFile(content);
        if (uid !== undefined) await file.chown(uid, uid);
      } finally {
        await file.close();
      }
    },
    async giveTo(uid) {
      if (uid !== undefined) await giveTree(path, uid);
    },
    async release() {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
      await held.release();
    },
  };
  try {
    // Others must be able to pass through on the way to their own folder, not to look around.
    await mkdir(runRoot, { recursive: true, mode: 0o711 });
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { mode: 0o700 });
    await mkdir(folder.tree);
    await mkdir(join(path, 'out'));
    await mkdir(join(folder.home, 'tmp'), { recursive: true });
    return folder;
  } catch (error) {
    await held.release();
    throw error;
  }
}

export function runFolderPath(runRoot: string, folderKey: string): string {
  return join(runRoot, createHash('sha256').update(folderKey).digest('hex').slice(0, 24));
}

/** See `Terraform.tidy`. */
export async function tidyRunFolders(
  runRoot: string,
  keep: readonly string[],
  olderThanMs: number,
): Promise<void> {
  const kept = new Set(keep.map((folderKey) => runFolderPath(runRoot, folderKey)));
  for (const name of await readdir(runRoot).catch(() => [])) {
    if (!/^[0-9a-f]{24}$/u.test(name)) continue;
    const path = join(runRoot, name);
    const made = await stat(path).catch(() => undefined);
    if (made === undefined || kept.has(path) || Date.now() - made.mtimeMs < olderThanMs) continue;
    const held = await claim(`folder ${path}`);
    if (held === undefined) continue;
    if ((await inhabitants(path)).length === 0) await rm(path, { recursive: true, force: true });
    await held.release();
  }
}

/** Where providers come from: a mirror only, where there is one; else the registry, but for those that are here already. */
export interface ProviderSource {
  path: string;
  /** Addresses of those that are here; all, when absent. */
  providers?: readonly string[];
}

/** Terraform's own configuration (https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation). */
export async function writeCliConfig(folder: RunFolder, source: ProviderSource | undefined): Promise<void> {
  const installation = source === undefined ? '' : `provider_installation {\n${installFrom(source)}}\n`;
  await writeFile(folder.cliConfig, `disable_checkpoint = true\n${installation}`, { mode: 0o444 });
}

function installFrom({ path, providers }: ProviderSource): string {
  const mirror = `  filesystem_mirror {\n    path = ${JSON.stringify(path)}\n  }\n`;
  const others = `  direct {\n    exclude = ${JSON.stringify(providers)}\n  }\n`;
  return providers === undefined ? mirror : `${mirror}${others}`;
}

async function claimFolder(path: string, { until, signal }: { until: number; signal: AbortSignal }) {
  for (;;) {
    const held = await claim(`folder ${path}`);
    if (held !== undefined) {
      if ((await inhabitants(path)).length === 0) return held;
      await held.release();
    }
    if (signal.aborted || Date.now() > until)
      throw new Fault('run-folder-busy', 'Another run of this project is still going on', {
        retryable: true,
      });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
