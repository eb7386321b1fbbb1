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
import { parseJson } from './plan-json.ts';
import { readInside } from './run-tree.ts';

/** The folder below the run root that holds what `init` made. */
export const initCacheName = 'init-cache';

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
}

/** What an `init` left in a tree, and what it warned of. */
export interface MadeByInit {
  tree: string;
  dir: string;
  /** There was a lock file before. */
  locked: boolean;
  warnings: readonly Diagnostic[];
}

export function createInitCache(runRoot: string, providerMirror: string | undefined): InitCache {
  const root = join(runRoot, initCacheName);
  const entry = (key: string) => join(root, key);
  const providers = (key: string) => join(entry(key), 'providers');
  const rest = (key: string) => join(entry(key), 'rest');
  const touch = async (key: string) => {
    const now = new Date();
    await utimes(entry(key), now, now);
  };
  return {
    providers,
    async restore(key, cwd) {
      if (!(await exists(entry(key)))) return undefined;
      await touch(key);
      await cp(rest(key), join(cwd, '.terraform'), copying);
      await symlink(providers(key), join(cwd, '.terraform', 'providers'));
      return JSON.parse(await readFile(join(entry(key), warningsFile), 'utf8')) as Diagnostic[];
    },
    async restoreProviders(key, cwd) {
      if (!(await exists(entry(key)))) return false;
      await touch(key);
      await symlink(providers(key), join(cwd, '.terraform', 'providers'));
      return true;
    },
    async keep(key, { tree, dir, locked, warnings }) {
      // One process fills an entry; another that comes meanwhile has made its own, which would be the same.
      const filling = await claim(`init ${entry(key)}`);
      if (filling === undefined) return;
      try {
        if ((await exists(entry(key))) || !(await isSameNextTime(tree, dir, locked))) return;
        await mkdir(root, { recursive: true, mode: 0o711 });
        const fresh = join(root, `.${randomUUID()}`);
        try {
          await mkdir(fresh, { mode: 0o711 });
          if (!(await copyInto(fresh, join(tree, dir, '.terraform'), providerMirror))) return;
          await writeFile(join(fresh, warningsFile), JSON.stringify(warnings), { mode: 0o600 });
          await rename(fresh, entry(key));
        } finally {
          await rm(fresh, { recursive: true, force: true });
        }
      } finally {
        await filling.release();
      }
    },
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
async function isSameNextTime(tree: string, dir: string, locked: boolean): Promise<boolean> {
  if (!locked && (await exists(join(tree, dir, '.terraform.lock.hcl')))) return false;
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

/** False when there is something in it that cannot be given to another run. */
async function copyInto(fresh: string, from: string, providerMirror: string | undefined): Promise<boolean> {
  const [providers, rest] = [join(fresh, 'providers'), join(fresh, 'rest')];
  // Where there is neither backend nor module nor provider, there is nothing.
  if (await exists(from)) await cp(from, rest, copying);
  else await mkdir(rest);
  // Only the service may look at what a backend block held.
  await chmod(rest, 0o700);
  if (await exists(join(rest, 'providers'))) await rename(join(rest, 'providers'), providers);
  else await mkdir(providers);
  const mirror = providerMirror === undefined ? undefined : await realpath(providerMirror);
  return (await isFit(rest, () => false)) && isFit(providers, (target) => isBelow(target, mirror));
}

function isBelow(path: string, folder: string | undefined): boolean {
  return folder !== undefined && path.startsWith(`${folder}${sep}`);
}

/** Opens it for reading; false for links that lead elsewhere than they may, and for what is neither file nor folder. */
async function isFit(folder: string, mayLeadTo: (target: string) => boolean): Promise<boolean> {
  for (const each of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, each.name);
    if (each.isSymbolicLink()) {
      if (!mayLeadTo(await realpath(path).catch(() => ''))) return false;
    } else if (each.isDirectory()) {
      await chmod(path, 0o755);
      if (!(await isFit(path, mayLeadTo))) return false;
    } else if (each.isFile()) await chmod(path, ((await stat(path)).mode & 0o111) === 0 ? 0o644 : 0o755);
    else return false;
  }
  return true;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
