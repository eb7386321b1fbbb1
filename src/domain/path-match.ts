const SEGMENT = /^(?:\*\*|[A-Za-z0-9_.*-]+)$/;

/**
 * Whether a repository path (`.` for the root, `/` between segments) fits a pattern: `*` stands for any characters
 * within one segment, a segment `**` for any number of segments, none included. `fin/prod/**` fits `fin/prod` too.
 * Nothing else is special, and case counts.
 */
export function matchesPath(pattern: string, path: string): boolean {
  const segments = path === '.' ? [] : path.split('/');
  return fits(pattern === '.' ? [] : pattern.split('/'), segments);
}

/** Whether a path of the repository is the given one or lies in it; `.` is the root, in which everything lies. */
export function liesIn(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

/** Whether `matchesPath` understands the pattern; a typing error must not become a rule that fits nothing. */
export function isPathPattern(pattern: string): boolean {
  return (
    pattern === '.' || pattern.split('/').every((part) => SEGMENT.test(part) && part !== '..' && part !== '.')
  );
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return path.length === 0;
  if (first === '**') return path.some((_, i) => fits(rest, path.slice(i))) || fits(rest, []);
  const [segment, ...below] = path;
  return segment !== undefined && fitsSegment(first, segment) && fits(rest, below);
}

/** Greedy from left to right: each part of the pattern at the first place it is found, the last one at the end. */
function fitsSegment(pattern: string, segment: string): boolean {
  const [start = '', ...parts] = pattern.split('*');
  if (parts.length === 0) return start === segment;
  const end = parts.pop() ?? '';
  if (!segment.startsWith(start) || segment.length < start.length + end.length || !segment.endsWith(end))
    return false;
  let at = start.length;
  for (const part of parts) {
    const found = segment.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= segment.length - end.length;
}
