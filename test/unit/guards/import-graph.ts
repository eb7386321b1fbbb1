import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { aliasOf, isAllowed, ruleFor } from '../../../scripts/import-rules.ts';

export interface Import {
  /** As written. */
  readonly specifier: string;
  readonly line: number;
  /** The repository's file it leads to, relative to the root; none for packages and Node's own modules. */
  readonly file: string | undefined;
}

/** Every TypeScript file of the program and its tests, relative to the root. */
export function sourceFiles(root: string): string[] {
  return globSync(['src/**/*.ts', 'workers/**/*.ts', 'test/**/*.ts'], { cwd: root }).toSorted();
}

/** The imports of a file in all their forms: static, type-only, re-export, dynamic, `import('…').Type`. */
export function importsOf(root: string, file: string, aliases: Aliases): Import[] {
  const text = withoutComments(readFileSync(path.join(root, file), 'utf8'));
  const forms =
    /(?:^|[\n;])\s*(?:import|export)\b[^'";]*?\bfrom\s*(['"])([^'"\n]+)\1|(?:^|[\n;])\s*import\s*(['"])([^'"\n]+)\3|\bimport\(\s*(['"`])([^'"`\n]+)\5/g;
  return [...text.matchAll(forms)].map((match) => {
    const specifier = match[2] ?? match[4] ?? match[6] ?? '';
    const line = text.slice(0, match.index + match[0].length).split('\n').length;
    return { specifier, line, file: resolve(file, specifier, aliases) };
  });
}

/** What a file imports against the rules, as `file:line: sentence`. */
export function violationsOf(root: string, file: string, aliases: Aliases): string[] {
  const rule = ruleFor(file);
  return importsOf(root, file, aliases).flatMap((each) => {
    const where = `${file}:${each.line}: imports ${each.specifier}`;
    if (leavesItsFolder(file, each)) return [`${where}: use the alias across top folders`];
    if (rule === undefined || (each.file !== undefined && homeOf(each.file) === homeOf(file))) return [];
    const [specifier = each.specifier] = each.file === undefined ? [] : aliasOf(each.file);
    return isAllowed(specifier, rule)
      ? []
      : [`${where}, which scripts/import-rules.ts does not allow in ${rule.path}`];
  });
}

/** All files reached from `start` through imports, `start` included. */
export function reachableFrom(root: string, start: readonly string[], aliases: Aliases): Set<string> {
  const seen = new Set(start);
  for (const file of seen) {
    if (!file.endsWith('.ts')) continue;
    for (const { file: next } of importsOf(root, file, aliases)) if (next !== undefined) seen.add(next);
  }
  return seen;
}

/** `imports` of package.json: `#store/*` → `./src/store/*`. */
export type Aliases = Readonly<Record<string, string>>;

export function readAliases(root: string): Aliases {
  const { imports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    imports: Aliases;
  };
  return imports;
}

// Longest alias first: `#src/*` would swallow nothing of the others, but order must not matter.
function resolve(from: string, specifier: string, aliases: Aliases): string | undefined {
  if (specifier.startsWith('.')) return path.join(path.dirname(from), specifier);
  const alias = Object.keys(aliases)
    .filter((key) => specifier.startsWith(key.slice(0, -1)))
    .toSorted((a, b) => b.length - a.length)
    .at(0);
  const target = alias === undefined ? undefined : aliases[alias];
  if (alias === undefined || target === undefined) return undefined;
  return path.normalize(target.replace('*', specifier.slice(alias.length - 1)));
}

function leavesItsFolder(file: string, { specifier, file: target }: Import): boolean {
  if (target === undefined || !specifier.startsWith('.') || file.startsWith('test/')) return false;
  return homeOf(file) !== homeOf(target) && path.dirname(file) !== path.dirname(target);
}

/** `src/store`, `src/adapters/jira`, `workers`; `src/config` for both src/config.ts and src/config/. */
function homeOf(file: string): string {
  const [top = '', second = '', third = '', ...rest] = file.split('/');
  if (top !== 'src') return top;
  return second === 'adapters' && rest.length > 0
    ? `src/adapters/${third}`
    : `src/${second.replace(/\.ts$/, '')}`;
}

// Strings are kept: a comment opener inside of one (a glob, a URL) is none.
function withoutComments(text: string): string {
  const tokens = /(['"])(?:\\.|(?!\1)[^\\\n])*\1|`(?:\\.|[^\\`])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(tokens, (token) => (token.startsWith('/') ? token.replace(/[^\n]/g, ' ') : token));
}
