import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { create, extract } from 'tar';
import { inspectTree } from './run-tree.ts';

/** A bundle bigger than this was not made by a plan. */
const largestBundle = 1024 * 1024 * 1024;

/** The providers are left out: `init` restores them, checked against the lock file. */
function isBundled(path: string): boolean {
  return !/(?:^|\/)\.terraform\/(?:providers|plugins)(?:\/|$)/u.test(path);
}

/** Packs the named folders of a run as they are, links as links. Nobody of the run may be alive. */
export async function packBundle(
  root: string,
  folders: string[],
  owner: number | undefined,
): Promise<Buffer> {
  const isPart = (path: string) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  const files = await inspectTree(root, { owner, enters: (path) => isPart(path) && isBundled(path) });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > largestBundle) throw new Error(`The plan bundle would have ${bytes} bytes`);
  const chunks: Buffer[] = [];
  const packing = create({ cwd: root, gzip: { level: 1 }, strict: true, filter: isBundled }, folders);
  for await (const chunk of packing) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Unpacks a bundle into an empty folder; refuses, before anything uses it, what leads out of there. */
export async function unpackBundle(bundle: Buffer, root: string): Promise<void> {
  let bytes = 0;
  await pipeline(
    Readable.from([bundle]),
    extract({
      cwd: root,
      strict: true,
      preserveOwner: false,
      filter: (_path, entry) => {
        bytes += entry.size ?? 0;
        if (bytes > largestBundle) throw new Error('The plan bundle unpacks to more than it may');
        return true;
      },
    }),
  );
  await inspectTree(root, {});
}
