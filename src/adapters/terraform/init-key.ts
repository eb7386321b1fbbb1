import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { hclBlocks } from './hcl-blocks.ts';
import type { HclBlock } from './hcl-blocks.ts';
import { readInside } from './run-tree.ts';

/** A bigger source was not written by a person. */
const largestSource = 4 * 1024 * 1024;

/** What `init` is given beside the tree. */
export interface InitGiven {
  dir: string;
  binary: { path: string; version: string };
  args: readonly string[];
  workspace: string;
  providerMirror: string | undefined;
  /** What the backend may learn from its environment. */
  environment: Readonly<Record<string, string>>;
}

/**
 * SHA-256 (hex) over all that decides what `init` leaves in `.terraform`: lock file, `terraform` blocks, files with settings
 * of the backend, module calls and which providers are meant, in the root module and the modules it calls; the binary,
 * arguments, workspace, mirror and credentials. `undefined` where `init` may come to something else the next time: a module
 * that is not pinned, a backend that is computed, a tree that brings its own `.terraform`.
 */
export async function initKey(tree: string, given: InitGiven): Promise<string | undefined> {
  const { dir } = given;
  const own = await lstat(join(tree, dir, '.terraform')).catch(() => undefined);
  if (own !== undefined) return undefined;
  const said = await saidBy(tree, dir);
  if (said === undefined) return undefined;
  const read = async (path: string) =>
    (await readInside(tree, join(dir, path), largestSource))?.toString('utf8');
  const lock = await read('.terraform.lock.hcl');
  // Terraform compares the block with what it has kept, not what came from elsewhere.
  const settings = await Promise.all(
    backendFiles(given.args).map(async (file) => [file, (await read(file)) ?? null]),
  );
  const parts = [given, said, lock ?? null, settings];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The files, below the root module, from which `init` takes settings of the backend. */
export function backendFiles(initArgs: readonly string[]): string[] {
  return initArgs.flatMap((argument) => /^-backend-config=(?<file>.*)$/u.exec(argument)?.[1] ?? []);
}

/** Whether all that is called, in this folder of modules and below it, is the same whenever it is fetched. */
export async function isPinned(tree: string, dir: string): Promise<boolean> {
  return (await saidBy(tree, dir)) !== undefined;
}

/** What a module and those it calls by path say to `init`, each folder once, in the order they are called. */
async function saidBy(tree: string, dir: string): Promise<unknown[] | undefined> {
  const said: unknown[] = [];
  const seen = new Set<string>();
  const waiting = [dir];
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    for (const name of await sourcesIn(tree, folder)) {
      const source = (await readInside(tree, join(folder, name), largestSource))?.toString('utf8') ?? '';
      const blocks = name.endsWith('.json') ? [] : hclBlocks(source);
      // JSON counts as a whole, so it may call nothing.
      if (blocks === undefined || (name.endsWith('.json') && /"module"|[$%]\{/u.test(source)))
        return undefined;
      if (blocks.some(({ type, body }) => type === 'terraform' && computed.test(body))) return undefined;
      const calls = blocks.filter(({ type }) => type === 'module');
      if (!calls.every(isSame)) return undefined;
      waiting.push(...calls.flatMap((call) => localFolder(folder, call)));
      said.push([
        posix.relative(dir, folder),
        name,
        name.endsWith('.json') ? source : eachOnce(blocks.flatMap(initsPart)),
      ]);
    }
  }
  return said;
}

/** Another resource of the same provider changes nothing. */
function eachOnce(parts: readonly unknown[]): string[] {
  return [...new Set(parts.map((part) => JSON.stringify(part)))].sort();
}

/** OpenTofu evaluates variables and locals in a backend; what they come to may be said anywhere. */
const computed = /\b(?:var|local|path|terraform)\.|[$%]\{/u;

async function sourcesIn(tree: string, folder: string): Promise<string[]> {
  const names = await readdir(join(tree, folder)).catch(() => []);
  return names.filter((name) => /\.(?:tf|tofu)(?:\.json)?$/u.test(name)).sort();
}

/** The part of a block that `init` looks at; most have none. */
function initsPart({ type, labels, body, attributes }: HclBlock): unknown[] {
  switch (type) {
    case 'terraform':
      return [[type, body]];
    case 'module':
      return [[type, labels, attributes.get('source'), attributes.get('version')]];
    case 'provider':
      return [[type, labels]];
    case 'resource':
    case 'data':
    case 'ephemeral':
      return [[labels[0]?.split('_', 1)[0], /^[ \t]*provider[ \t]*=.*$/mu.exec(body)?.[0]]];
    default:
      return [];
  }
}

const registrySource = /^(?:[\w.-]+\.[a-z]+\/)?[\w-]+\/[\w-]+\/[\w-]+(?:\/\/[\w./-]+)?$/u;

/** A folder of the repository, an exact version of a registry, or a commit. */
function isSame({ attributes }: HclBlock): boolean {
  const source = attributes.get('source');
  if (source === undefined) return false;
  if (/^\.\.?(?:\/|$)/u.test(source)) return true;
  if (/[?&]ref=[0-9a-f]{40}(?:&|$)/u.test(source)) return true;
  return registrySource.test(source) && /^=?\s*\d+\.\d+\.\d+$/u.test(attributes.get('version') ?? '');
}

function localFolder(folder: string, { attributes }: HclBlock): string[] {
  const source = attributes.get('source') ?? '';
  return /^\.\.?(?:\/|$)/u.test(source) ? [posix.join(folder, source)] : [];
}
