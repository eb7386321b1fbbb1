import { posix } from 'node:path';
import type { SourceFacts } from '#app/ports/source.ts';
import {
  type Composition,
  COMPUTED_SOURCE,
  foreignCall,
  isBuiltIn,
  type ModuleCall,
  providerName,
} from '#domain/composition.ts';

/** A file of a project: which module of it the file is part of, and what it says. */
interface Part {
  part: string;
  facts: SourceFacts;
}

/**
 * What a project is made of.
 *
 * @param parts the files of its own folder and of the local modules it calls.
 * @param locked what its lock file names: providers of modules from elsewhere too.
 * @param ids git's ids of paths, as far as there are any.
 */
export function compositionOf(
  parts: readonly Part[],
  locked: readonly string[],
  ids: ReadonlyMap<string, string>,
): Composition {
  const calls = parts.flatMap(({ part, facts }) =>
    facts.moduleCalls.map((call) => moduleCall(part, call, ids)),
  );
  const byModule = Map.groupBy(parts, ({ part }) => part);
  const declared = [...byModule.values()].flatMap(declaredProviders);
  const providers = [...locked, ...declared].map(providerName).filter((each) => !isBuiltIn(each));
  return {
    modules: [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()],
    providers: [...new Set(providers)].toSorted(),
  };
}

/** The folder that a call's source is, from the repository's root; undefined for all that is elsewhere. */
export function localDir(dir: string, source: string | undefined): string | undefined {
  return source !== undefined && /^\.\.?(?:\/|$)/u.test(source) ? below(dir, source) : undefined;
}

/** The path within the repository, undefined when it leads out of it. */
export function below(dir: string, path: string): string | undefined {
  const joined = posix.join(dir, path).replace(/\/$/u, '');
  return joined === '..' || joined.startsWith('../') ? undefined : joined;
}

function moduleCall(
  part: string,
  { source, version }: SourceFacts['moduleCalls'][number],
  ids: ReadonlyMap<string, string>,
): ModuleCall {
  if (source === undefined) return { source: COMPUTED_SOURCE };
  const dir = localDir(part, source);
  if (dir === undefined) return foreignCall(source, version);
  const hash = ids.get(dir);
  return { source: `./${dir}`, ...(hash === undefined ? {} : { hash }) };
}

/** A local name is what the module itself says it is, or else a provider of HashiCorp's. */
function declaredProviders(files: readonly Part[]): string[] {
  const required = files.flatMap(({ facts }) => facts.providers.required);
  const sources = new Map(required.map(({ name, source }) => [name, source]));
  const names = [...required.map(({ name }) => name), ...files.flatMap(({ facts }) => facts.providers.used)];
  return [...new Set(names)].map((name) => sources.get(name) ?? impliedProvider(name));
}

function impliedProvider(name: string): string {
  return name === 'terraform' ? 'terraform.io/builtin/terraform' : `hashicorp/${name}`;
}
