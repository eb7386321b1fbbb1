import { posix } from 'node:path';
import type { ReadSourceFacts, RootModule, SourceFacts, SourceProblem } from '#app/ports/source.ts';
import { below, compositionOf, localDir } from './composition-of.ts';
import { runGit } from './git-command.ts';
import type { GitSettings } from './git-command.ts';
import type { TreeEntry } from './read-tree.ts';

/** How a source is read, and what was read before, by git blob id. */
export interface Facts {
  read: ReadSourceFacts;
  cache: Map<string, SourceFacts>;
}

/** See `RootModules.listRoots`. Everything comes from the mirror's objects; a file already read is not read again. */
export async function listRoots(
  settings: GitSettings,
  gitDir: string,
  { sha, tree: entries }: { sha: string; tree: readonly TreeEntry[] },
  facts: Facts,
): Promise<RootModule[]> {
  const root = await runGit(settings, ['rev-parse', `${sha}^{tree}`], { gitDir });
  const sources = entries.filter(isSource);
  await learn(settings, gitDir, sources, facts);

  const ids = new Map(entries.map(({ path, id }) => [path, id]));
  ids.set('.', root.toString('utf8').trim());
  return assembleRoots(sources, facts.cache, ids);
}

/**
 * The root modules that the sources make: each with the modules it calls and the files it reads.
 *
 * @param known what each source says, by its `id`.
 * @param ids git's ids of paths, as far as there are any.
 */
export function assembleRoots(
  sources: readonly Pick<TreeEntry, 'path' | 'id'>[],
  known: ReadonlyMap<string, SourceFacts>,
  ids: ReadonlyMap<string, string>,
): RootModule[] {
  const modules = Map.groupBy(
    sources.filter(({ path }) => isSourcePath(path)),
    ({ path }) => posix.dirname(path),
  );
  const locks = new Map(
    sources.flatMap(({ path, id }) => (isLockPath(path) ? [[posix.dirname(path), known.get(id)]] : [])),
  );
  const factsOf = (dir: string) =>
    (modules.get(dir) ?? []).flatMap((entry) => {
      const facts = known.get(entry.id);
      return facts === undefined ? [] : [{ file: entry.path, facts }];
    });
  const callsOf = (dir: string) => factsOf(dir).flatMap(({ facts }) => calledDirs(dir, facts));
  const called = new Set([...modules.keys()].flatMap(callsOf));

  return [...modules.keys()].sort().map((dir) => {
    const localModules = reachable(dir, callsOf);
    const parts = [dir, ...localModules].flatMap((part) => factsOf(part).map((each) => ({ ...each, part })));
    const readsFiles = outside(
      [dir, ...localModules],
      parts.flatMap(({ part, facts }) => readPaths(dir, part, facts)),
    );
    return {
      dir,
      calledByOthers: called.has(dir),
      localModules,
      readsFiles,
      readsUnknownFiles: parts.some(({ facts }) => facts.readsUnknown),
      declaresApprovalId: factsOf(dir).some(({ facts }) => facts.declaresApprovalId),
      ...backendIn(factsOf(dir)),
      composition: compositionOf(parts, locks.get(dir)?.lockedProviders ?? [], ids),
      remoteStates: parts.flatMap(({ facts }) => facts.remoteStates),
      inputs: [dir, ...localModules, ...readsFiles].sort().map((path) => ({ path, id: ids.get(path) })),
      problems: parts.flatMap(({ file, facts }) => problemIn(file, facts)),
    };
  });
}

/** A bigger file is none that a person wrote; Terraform may read it, we need not. */
const largestSource = 1024 * 1024;

function isSource({ path, kind, mode, size }: TreeEntry): boolean {
  return kind === 'blob' && mode !== '120000' && size <= largestSource && isReadPath(path);
}

/** Whether Terraform or OpenTofu would read a file of this name: a source, or what they note of providers. */
export function isReadPath(path: string): boolean {
  return isSourcePath(path) || isLockPath(path);
}

function isSourcePath(path: string): boolean {
  return /\.(?:tf|tofu)(?:\.json)?$/u.test(path);
}

function isLockPath(path: string): boolean {
  return posix.basename(path) === '.terraform.lock.hcl';
}

/** Reads the facts of all files that are not in the cache, with one git process. */
async function learn(
  settings: GitSettings,
  gitDir: string,
  sources: readonly TreeEntry[],
  { read, cache }: Facts,
): Promise<void> {
  const unknown = [...new Map(sources.map((entry) => [entry.id, entry])).values()].filter(
    ({ id }) => !cache.has(id),
  );
  if (unknown.length === 0) return;
  const input = unknown.map(({ id }) => `${id}\n`).join('');
  const output = await runGit(settings, ['cat-file', '--batch'], { gitDir, input });
  let at = 0;
  for (const { id, path, size } of unknown) {
    const start = output.indexOf(0x0a, at) + 1;
    const text = output.subarray(start, start + size).toString('utf8');
    at = start + size + 1;
    if (cache.size >= cacheEntries) cache.clear();
    cache.set(id, await read(path, text));
  }
}

const cacheEntries = 100_000;

function calledDirs(dir: string, facts: SourceFacts): string[] {
  return facts.moduleCalls.flatMap(({ source }) => localDir(dir, source) ?? []);
}

function readPaths(root: string, module: string, facts: SourceFacts): string[] {
  return facts.reads
    .map(({ base, path }) => below(base === 'module' ? module : root, path))
    .filter((each) => each !== undefined);
}

function reachable(dir: string, callsOf: (dir: string) => string[]): string[] {
  const seen = new Set<string>();
  const waiting = callsOf(dir);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === dir || seen.has(next)) continue;
    seen.add(next);
    waiting.push(...callsOf(next));
  }
  return [...seen].sort();
}

/** Paths that lie in none of the folders, each once. */
function outside(dirs: readonly string[], paths: readonly string[]): string[] {
  const isInside = (path: string) =>
    dirs.some((dir) => dir === '.' || path === dir || path.startsWith(`${dir}/`));
  return [...new Set(paths)].filter((path) => !isInside(path)).sort();
}

/** The files' own word, and over it that of override files, the last by name. */
function backendIn(files: readonly { file: string; facts: SourceFacts }[]): Pick<RootModule, 'backend'> {
  const said = files.flatMap(({ file, facts: { backend } }) =>
    backend === undefined ? [] : [{ ...backend, file }],
  );
  const isOverride = ({ file }: { file: string }) =>
    /(?:^|_)override\.(?:tf|tofu)(?:\.json)?$/u.test(posix.basename(file));
  const backend = said.findLast(isOverride) ?? said[0];
  return backend === undefined ? {} : { backend };
}

function problemIn(file: string, { problem }: SourceFacts): SourceProblem[] {
  return problem === undefined ? [] : [{ file, ...problem }];
}
