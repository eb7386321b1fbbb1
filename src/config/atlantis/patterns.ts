import { posix } from 'node:path';
import { isPathPattern } from '#domain/path-match.ts';

/**
 * A folder or a glob of folders as patterns of ours; braces become one pattern for each. `undefined` when it has
 * something else that our patterns do not know, such as `?` or `[a-z]`, or leads out of the repository.
 */
export function foldersOf(glob: string): string[] | undefined {
  const patterns = braces(glob).map((each) => posix.normalize(each).replace(/^\/+|\/+$/g, '') || '.');
  return patterns.every(isPathPattern) ? patterns : undefined;
}

/**
 * The branches that a regular expression such as `/^(main|release\/.*)$/` stands for, as patterns of ours; `'all'` where
 * it excludes none, `undefined` where it is more than names and `.*`.
 */
export function branchesOf(expression: string): string[] | 'all' | undefined {
  const inner = /^\/(.*)\/$/s.exec(expression)?.[1] ?? expression;
  const bare = inner.replace(/^\^/, '').replace(/\$$/, '');
  const grouped = /^\((?:\?:)?([^()]*)\)$/.exec(bare)?.[1] ?? bare;
  const patterns = grouped.split('|').map((each) =>
    each
      .replace(/^\^|\$$/g, '')
      .replaceAll(/\\([./-])|\.[*+]/g, (_, literal?: string) => literal ?? '*')
      .replace(/(^|\/)\*$/, '$1**'),
  );
  if (patterns.includes('**') || patterns.includes('')) return 'all';
  return patterns.every(isPathPattern) ? patterns : undefined;
}

/**
 * A `when_modified` pattern, which is .dockerignore's syntax, in that of .gitignore: there a pattern without a slash is
 * for the project's own folder alone, here it would be for every folder below it.
 */
export function whenModifiedOf(pattern: string): string {
  const [, negated = '', rest = ''] = /^(!?)(.*)$/s.exec(pattern.trim()) ?? [];
  const path = posix.normalize(rest).replace(/\/$/, '');
  const anchored = path.startsWith('**/') || path === '**' || path === '..' || path.startsWith('../');
  return `${negated}${anchored ? path : `/${path.replace(/^\/+/, '')}`}`;
}

function braces(glob: string): string[] {
  const [, before = '', inner, after = ''] = /^([^{}]*)\{([^{}]*)\}(.*)$/s.exec(glob) ?? [];
  if (inner === undefined) return [glob];
  return inner.split(',').flatMap((each) => braces(`${before}${each}${after}`));
}
