import { posix } from 'node:path';
import ignore from 'ignore';
import { liesIn } from '#domain/path-match.ts';

export interface Watched {
  dir: string;
  /** In .gitignore syntax; none: every file of the folder. */
  whenModified: readonly string[];
  /** What it is made of beside its folder, and what it reads. */
  inputPaths: readonly string[];
  /** What is known of that by name, for projects that say themselves which files matter. */
  namedInputs: readonly string[];
}

/**
 * Whether a change of a path makes the project planned. Patterns choose among the files of the project's folder and may
 * add files elsewhere (`../`); its modules and what it reads count in any case, since its plan would be another one.
 */
export function watch({ dir, whenModified, inputPaths, namedInputs }: Watched): (path: string) => boolean {
  if (whenModified.length === 0) return (path) => inputPaths.some((input) => liesIn(path, input));
  const inner = ignore({ ignorecase: false, allowRelativePaths: true }).add(whenModified.filter(isInner));
  const outer = ignore({ ignorecase: false, allowRelativePaths: true }).add(
    whenModified.filter((pattern) => !isInner(pattern)).flatMap((pattern) => fromRoot(dir, pattern) ?? []),
  );
  const others = namedInputs.filter((input) => input !== dir);
  return (path) =>
    (liesIn(path, dir) && inner.ignores(dir === '.' ? path : path.slice(dir.length + 1))) ||
    outer.ignores(path) ||
    others.some((input) => liesIn(path, input));
}

/** What is wrong with a pattern, if anything. */
export function patternProblem(dir: string, pattern: string): string | undefined {
  if (!isInner(pattern) && fromRoot(dir, pattern) === undefined)
    return `${pattern} leads out of the repository`;
  try {
    ignore({ allowRelativePaths: true })
      .add(isInner(pattern) ? pattern : (fromRoot(dir, pattern) ?? ''))
      .ignores('a');
    return undefined;
  } catch {
    return `${pattern} is no pattern in .gitignore syntax`;
  }
}

function isInner(pattern: string): boolean {
  return !/^!?\.\.(?:\/|$)/.test(pattern);
}

/** `../../modules/**` of `fin/prod` as a pattern from the repository’s root; undefined when it leads out of it. */
function fromRoot(dir: string, pattern: string): string | undefined {
  const negated = pattern.startsWith('!') ? '!' : '';
  const [, up = '', rest = ''] = /^!?((?:\.\.(?:\/|$))+)(.*)$/s.exec(pattern) ?? [];
  const base = posix.join(dir, up).replace(/\/$/, '');
  if (base === '..' || base.startsWith('../')) return undefined;
  const literal = base.replaceAll(/[\\*?[\]]/g, '\\$&');
  return `${negated}/${[...(base === '.' ? [] : [literal]), ...(rest === '' ? [] : [rest])].join('/')}`;
}
