import { createHash } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { elements, member, text } from '#domain/plan/json.ts';
import { parseJson } from './plan-json.ts';
import { inspectTree, readInside } from './run-tree.ts';
import type { TreeFile } from './run-tree.ts';

const largestFile = 256 * 1024 * 1024;

/**
 * SHA-256 (hex) over path and content of everything below the root module and every module it calls, as `init` left
 * them: what provisioners and functions may read of it stands nowhere in a plan.
 */
export async function moduleTreeHash(tree: string, dir: string): Promise<string> {
  const folders = await moduleFolders(tree, dir);
  const isSource = (path: string) =>
    folders.some((folder) => isBelow(path, folder) && !isMachinery(posix.relative(folder, path)));
  const leadsThere = (path: string) => isSource(path) || folders.some((folder) => isBelow(folder, path));
  const hash = createHash('sha256');
  for (const { path, kind } of await inspectTree(tree, { enters: leadsThere })) {
    if (kind === 'folder' || !isSource(path)) continue;
    hash.update(`${JSON.stringify([path, kind, await contentHash(tree, path, kind)])}\n`);
  }
  return hash.digest('hex');
}

/**
 * SHA-256 (hex) over all that terraform itself is told by files: the sources of the root module and of those it calls,
 * variables, lock file, and what `init` noted of backend, workspace and modules.
 *
 * @param files others that it goes by, from the root module's folder.
 */
export async function instructionsHash(tree: string, dir: string, files: readonly string[]): Promise<string> {
  const folders = await moduleFolders(tree, dir);
  const named = new Set([...initNotes, ...files].map((each) => posix.join(dir, each)));
  const isInstruction = (path: string) =>
    named.has(path) || (isInstructing(posix.basename(path)) && folders.includes(posix.dirname(path)));
  const hash = createHash('sha256');
  const leadsThere = (path: string) =>
    isInstruction(path) || [...folders, ...named].some((each) => isBelow(each, path));
  for (const { path, kind } of await inspectTree(tree, { enters: leadsThere }))
    if (isInstruction(path))
      hash.update(`${JSON.stringify([path, kind, await contentHash(tree, path, kind)])}\n`);
  return hash.digest('hex');
}

/** https://developer.hashicorp.com/terraform/cli/init#working-directory-contents */
const initNotes = ['environment', 'terraform.tfstate', 'modules/modules.json'].map(
  (name) => `.terraform/${name}`,
);

function isInstructing(name: string): boolean {
  return /\.(?:tf|tofu|tfvars)(?:\.json)?$/u.test(name) || name === '.terraform.lock.hcl';
}

/** SHA-256 (hex) of the dependency lock file, of nothing when there is none. */
export async function lockFileHash(tree: string, dir: string): Promise<string> {
  const content = await readInside(tree, join(dir, '.terraform.lock.hcl'), largestFile);
  return createHash('sha256')
    .update(content ?? '')
    .digest('hex');
}

/** The providers that `init` chose, by address, each with its version; what comes with terraform itself is not among them. */
export async function lockedProviders(tree: string, dir: string): Promise<Record<string, string>> {
  const content = await readInside(tree, join(dir, '.terraform.lock.hcl'), largestFile);
  const blocks = (content?.toString('utf8') ?? '').matchAll(
    /^provider\s+"([^"]+)"\s*\{[^}]*?^\s*version\s*=\s*"([^"]+)"/gmu,
  );
  return Object.fromEntries([...blocks].map(([, address = '', version = '']) => [address, version]));
}

/** Whether the lock file names any provider that `init` has to fetch. */
export async function needsProviders(tree: string, dir: string): Promise<boolean> {
  const content = await readInside(tree, join(dir, '.terraform.lock.hcl'), largestFile);
  return /^provider\s+"/mu.test(content?.toString('utf8') ?? '');
}

async function contentHash(tree: string, path: string, kind: TreeFile['kind']): Promise<string> {
  if (kind === 'folder') return '';
  const content =
    kind === 'link' ? await readlink(join(tree, path)) : await readInside(tree, path, largestFile);
  return createHash('sha256')
    .update(content ?? '')
    .digest('hex');
}

function isBelow(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

/** What terraform and git keep for themselves inside a module. */
function isMachinery(path: string): boolean {
  return path
    .split('/')
    .some((part) => part === '.terraform' || part === '.git' || part === '.terraform.lock.hcl');
}

/** From the manifest that `init` writes; paths in it are relative to the root module. */
async function moduleFolders(tree: string, dir: string): Promise<string[]> {
  const manifest = await readInside(tree, join(dir, '.terraform/modules/modules.json'), largestFile);
  const modules =
    manifest === undefined ? undefined : member(parseJson(manifest.toString('utf8')), 'Modules');
  const called = elements(modules).flatMap((module) => text(member(module, 'Dir')) ?? []);
  return [...new Set([dir, ...called.map((folder) => posix.join(dir, folder))])];
}
