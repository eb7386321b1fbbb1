import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  cp,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { elements, member, text } from '#domain/plan/json.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import { claim } from './claim.ts';
import { isPinned } from './init-key.ts';
import { lockFileHash } from './module-tree.ts';
import { parseJson } from './plan-json.ts';
import { createProviderStore, openForReading } from './provider-store.ts';
import type { DownloadedProviders, ProviderStore } from './provider-store.ts';
import { readInside } from './run-tree.ts';

/** The folder below the run root that holds what `init` made. */
const initCacheName = 'init-cache';

/** What nobody has used for so long is removed. */
const KEPT_MS = 14 * 24 * 3600 * 1000;
const warningsFile = 'warnings.json';
const largestManifest = 16 * 1024 * 1024;

/**
 * What `init` made, by all that decides it (`initKey`), so that it need not be made again. It belongs to the service: a
 * run gets a copy of it, and of the providers a link to what it can read and not write. Terraform itself checks modules,
 * backend and the providers' checksums against code and lock file at each command.
 */
export interface InitCache {
  /** Where a run that uses an entry reads its providers. */
  providers(key: string): string;
  /** Puts it into a root module's folder that no run has yet. What `init` warned of; undefined when there is nothing kept. */
  restore(key: string, cwd: string): Promise<readonly Diagnostic[] | undefined>;
  /** Puts only the providers into a folder that has the rest; false when there are none. */
  restoreProviders(key: string, cwd: string): Promise<boolean>;
  /** Keeps what `init` left, if the next time would come to the same. Nobody of the run may be alive. */
  keep(key: string, made: MadeByInit): Promise<void>;
  forget(key: string): Promise<void>;
  /** What earlier runs have downloaded for the same lock file, where there is no mirror. */
  downloaded(lockHash: string): Promise<DownloadedProviders | undefined>;
}

/** What an `init` left in a tree, and what it warned of. */
export interface MadeByInit {
  tree: string;
  dir: string;
  /** Of the lock file before, see `lockFileHash`. */
  lockHash: string;
  warnings: readonly Diagnostic[];
}

export function createInitCache(runRoot: string, providerMirror: string | undefined): InitCache {
  const root = join(runRoot, initCacheName);
  const store = createProviderStore(root);
  const entry = (key: string) => join(root, key);
  const providers = (key: string) => join(entry(key), 'providers');
  const rest = (key: string) => join(entry(key), 'rest');
  const touch = async (key: string) => {
    const now = new Date();
    await utimes(entry(key), now, now);
    await utimes(await realpath(providers(key)), now, now);
  };
  return {
    providers,
    async restore(key, cwd) {
      if (!(await exists(providers(key)))) return undefined;
      await touch(key);
      await cp(rest(key), join(cwd, '.terraform'), copying);
      await symlink(providers(key), join(cwd, '.terraform', 'providers'));
      return JSON.parse(await readFile(join(entry(key), warningsFile), 'utf8')) as Diagnostic[];
    },
    async restoreProviders(key, cwd) {
      if (!(await exists(providers(key)))) return false;
      await touch(key);
      await symlink(providers(key), join(cwd, '.terraform', 'providers'));
      return true;
    },
    async keep(key, { tree, dir, lockHash, warnings }) {
      // One process fills an entry; another that comes meanwhile has made its own, which would be the same.
      const filling = await claim(`init ${entry(key)}`);
      if (filling === undefined) return;
      try {
        if ((await exists(entry(key))) || !(await isSameNextTime(tree, dir, lockHash))) return;
        await mkdir(root, { recursive: true, mode: 0o711 });
        const fresh = join(root, `.${randomUUID()}`);
        try {
          await mkdir(fresh, { mode: 0o711 });
          const made = join(tree, dir, '.terraform');
          const installed = join(made, 'providers');
          // Only the service may look at what a backend block held.
          await mkdir(join(fresh, 'rest'), { mode: 0o700 });
          if (await exists(made))
            await cp(made, join(fresh, 'rest'), { ...copying, filter: (path) => path !== installed });
          if (!(await openForReading(join(fresh, 'rest')))) return;
          await chmod(join(fresh, 'rest'), 0o700);
          const from = { mirror: providerMirror, store, lockHash };
          if (!(await giveProviders(installed, join(fresh, 'providers'), from))) return;
          await writeFile(join(fresh, warningsFile), JSON.stringify(warnings), { mode: 0o600 });
          await rename(fresh, entry(key));
        } finally {
          await rm(fresh, { recursive: true, force: true });
        }
      } finally {
        await filling.release();
      }
    },
    downloaded: async (lockHash) => (providerMirror === undefined ? store.find(lockHash) : undefined),
    forget: (key) => rm(entry(key), { recursive: true, force: true }),
  };
}

/** Removes entries that were not used for long, and what a process left that died while it filled one. */
export async function tidyInitCache(runRoot: string): Promise<void> {
  const root = join(runRoot, initCacheName);
  for (const name of await readdir(root).catch(() => [])) {
    const used = await stat(join(root, name)).catch(() => undefined);
    if (used !== undefined && Date.now() - used.mtimeMs > KEPT_MS)
      await rm(join(root, name), { recursive: true, force: true });
  }
}

/** Links as links, and where the file system can, blocks shared. */
const copying = { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE };

/** Not where `init` chose versions itself; and modules that were fetched may call others, which have to be pinned as well. */
async function isSameNextTime(tree: string, dir: string, lockHash: string): Promise<boolean> {
  if (lockHash !== (await lockFileHash(tree, dir))) return false;
  const path = join(dir, '.terraform/modules/modules.json');
  const manifest = await readInside(tree, path, largestManifest);
  if (manifest === undefined) return true;
  const folders = elements(member(parseJson(manifest.toString('utf8')), 'Modules')).flatMap(
    (module) => text(member(module, 'Dir')) ?? [],
  );
  const fetched = folders.filter((folder) => folder.startsWith('.terraform/'));
  const pinned = await Promise.all(fetched.map((folder) => isPinned(tree, posix.join(dir, folder))));
  return pinned.every(Boolean);
}

/** Puts providers where an entry has them; false when they are nothing that can be given to another run. */
async function giveProviders(
  installed: string,
  providers: string,
  { mirror, store, lockHash }: { mirror: string | undefined; store: ProviderStore; lockHash: string },
): Promise<boolean> {
  if (!(await exists(installed))) {
    await mkdir(providers);
    return true;
  }
  if (mirror === undefined) {
    const kept = await store.fill(lockHash, installed);
    if (kept !== undefined) await symlink(kept, providers);
    return kept !== undefined;
  }
  // Links into the mirror, where it is unpacked.
  await cp(installed, providers, copying);
  const real = await realpath(mirror);
  return openForReading(providers, async (path) => {
    const target = await realpath(path).catch(() => '');
    return target.startsWith(`${real}${sep}`);
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
