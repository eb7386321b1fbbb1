import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, cp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** Providers that were downloaded, as a mirror that the next `init` of the same lock file installs from. */
export interface DownloadedProviders {
  path: string;
  /** Their addresses, such as `registry.terraform.io/hashicorp/aws`. */
  providers: readonly string[];
}

/** Where there is no mirror: what was downloaded for a lock file is on disk once, however many projects have that file. */
export interface ProviderStore {
  /** What is there for a lock file, by the hash of its content. */
  find(lockHash: string): Promise<DownloadedProviders | undefined>;
  /** Keeps what `init` installed; its folder, or nothing when what is there is not the same. Nobody of the run may be alive. */
  fill(lockHash: string, installed: string): Promise<string | undefined>;
}

export function createProviderStore(root: string): ProviderStore {
  const folder = (lockHash: string) => join(root, `providers-${lockHash}`);
  return {
    async find(lockHash) {
      const path = folder(lockHash);
      const now = new Date();
      const isThere = await utimes(path, now, now).then(
        () => true,
        () => false,
      );
      return isThere ? { path, providers: await pathsBelow(path, 3) } : undefined;
    },
    async fill(lockHash, installed) {
      const path = folder(lockHash);
      // Host, namespace, type, version and platform.
      const wanted = await pathsBelow(installed, 5);
      if (!(await exists(path)) && !(await copyTo(path, root, installed))) return undefined;
      const present = new Set(await pathsBelow(path, 5));
      return wanted.every((each) => present.has(each)) ? path : undefined;
    },
  };
}

/** Makes it appear whole or not at all; whoever was faster made the same. False for what is more than files. */
async function copyTo(path: string, root: string, installed: string): Promise<boolean> {
  const fresh = join(root, `.${randomUUID()}`);
  try {
    await cp(installed, fresh, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
    if (!(await openForReading(fresh))) return false;
    await rename(fresh, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return true;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/**
 * Lets everybody read a tree; false for links that lead elsewhere than they may, and for what is neither file nor folder.
 *
 * @param mayLink whether a link may be there.
 */
export async function openForReading(
  folder: string,
  mayLink: (path: string) => Promise<boolean> = async () => false,
): Promise<boolean> {
  await chmod(folder, 0o755);
  for (const each of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, each.name);
    if (each.isSymbolicLink()) {
      if (!(await mayLink(path))) return false;
    } else if (each.isDirectory()) {
      if (!(await openForReading(path, mayLink))) return false;
    } else if (each.isFile()) await chmod(path, ((await stat(path)).mode & 0o111) === 0 ? 0o644 : 0o755);
    else return false;
  }
  return true;
}

/** Every path so many names below a folder. */
async function pathsBelow(folder: string, depth: number): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  if (depth === 1) return names;
  const below = await Promise.all(
    names.map(async (name) =>
      (await pathsBelow(join(folder, name), depth - 1)).map((path) => `${name}/${path}`),
    ),
  );
  return below.flat();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
