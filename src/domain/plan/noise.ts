import type { AttributePath } from './redact-change.ts';
import type { ResourceSummary } from './summarize.ts';

/**
 * Whether nothing differs in a resource but attributes that were declared volatile, such as a tag with the time of the
 * last apply. Only a plain change in place can be noise: what is replaced, moved or imported is always news.
 *
 * @param volatilePaths attributes as one writes them, `tags.LastApplied` or `tags["example.com/at"]`; `*` is any one
 * step, and a path covers everything beneath it, so that `tags_all` is the whole map and `tags_all.*` what is in it.
 */
export function isNoise(resource: ResourceSummary, volatilePaths: readonly string[]): boolean {
  const { verb, changes, previousAddress, importing } = resource;
  if (verb !== 'update' || previousAddress !== undefined || importing !== undefined) return false;
  const patterns = volatilePaths.map(stepsOf).filter((steps) => steps.length > 0);
  return (
    changes.length > 0 &&
    changes.every(
      ({ path, forcesReplacement }) =>
        !forcesReplacement && patterns.some((pattern) => covers(pattern, path)),
    )
  );
}

const STEP = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g;

function stepsOf(text: string): string[] {
  return [...text.matchAll(STEP)].map(([, quoted, index, name]) => quoted ?? index ?? name ?? '');
}

function covers(pattern: readonly string[], path: AttributePath): boolean {
  return (
    pattern.length <= path.length && pattern.every((step, at) => step === '*' || step === String(path[at]))
  );
}
