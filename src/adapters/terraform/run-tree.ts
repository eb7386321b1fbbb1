import { constants } from 'node:fs';
import { lchown, lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';

/**
 * A tree that foreign code has written, looked at by a service with more rights than that code. Links are never
 * followed, and nobody of the run may be alive meanwhile.
 */
export interface TreeFile {
  /** Relative to the tree's root. */
  path: string;
  kind: 'file' | 'folder' | 'link';
  bytes: number;
}

/** What is wrong with a tree, in words for whoever wrote it. */
export class UnsafeTree extends Error {}

/**
 * Everything below the root that `enters` lets in, in order of path. Refuses with `UnsafeTree` what is neither file,
 * folder nor link, links that lead out of the tree, and files of another owner (hard links to somebody else's).
 */
export async function inspectTree(
  root: string,
  { owner, enters = () => true }: { owner?: number | undefined; enters?: (path: string) => boolean },
): Promise<TreeFile[]> {
  const base = await realpath(root);
  const files: TreeFile[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const name of (await readdir(folder)).sort()) {
      const full = join(folder, name);
      const path = relative(base, full);
      if (!enters(path)) continue;
      const found = await lstat(full);
      if (owner !== undefined && found.uid !== owner)
        throw new UnsafeTree(`${path} belongs to somebody else`);
      const kind = found.isFile()
        ? 'file'
        : found.isDirectory()
          ? 'folder'
          : found.isSymbolicLink()
            ? 'link'
            : undefined;
      if (kind === undefined) throw new UnsafeTree(`${path} is no file, folder or link`);
      if (kind === 'link') await requireInside(base, full);
      files.push({ path, kind, bytes: found.size });
      if (kind === 'folder') await visit(full);
    }
  };
  await visit(base);
  return files;
}

/** Reads a file of the tree; undefined when there is none. Refuses to go through a link, wherever on the way. */
export async function readInside(root: string, path: string, limit: number): Promise<Buffer | undefined> {
  const full = resolve(root, path);
  const folder = await realpath(dirname(full)).catch(() => undefined);
  if (folder === undefined) return undefined;
  if (folder !== (await realpath(root)) && !folder.startsWith(`${await realpath(root)}${sep}`))
    throw new UnsafeTree(`${path} lies outside`);
  const file = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      if (error.code === 'ELOOP') throw new UnsafeTree(`${path} is a link`);
      throw error;
    },
  );
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    if (size > limit) throw new UnsafeTree(`${path} has ${size} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Gives the tree, root included, to a user. */
export async function giveTree(root: string, uid: number): Promise<void> {
  await lchown(root, uid, uid);
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const full = join(root, entry.name);
    if (entry.isDirectory()) await giveTree(full, uid);
    else await lchown(full, uid, uid);
  }
}

/** A link may lead to what is not there, as long as its text stays inside. */
async function requireInside(base: string, link: string): Promise<void> {
  const target = await readlink(link);
  const reached = await realpath(link).catch(() => resolve(dirname(link), target));
  if (reached !== base && !reached.startsWith(`${base}${sep}`))
    throw new UnsafeTree(`the link ${relative(base, link)} leads out of the tree, to ${target}`);
}
