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

/** Only the last `**` is ever tried again, with one segment more: whoever writes the pattern cannot make it slow. */
function fits(pattern: readonly string[], path: readonly string[]): boolean {
  let at = 0;
  let wild: { next: number; taken: number } | undefined;
  for (let i = 0; i < path.length; ) {
    const part = pattern[at];
    if (part === '**') {
      at += 1;
      wild = { next: at, taken: i };
    } else if (part !== undefined && fitsSegment(part, path[i] ?? '')) {
      at += 1;
      i += 1;
    } else if (wild !== undefined) {
      wild.taken += 1;
      at = wild.next;
      i = wild.taken;
    } else return false;
  }
  return pattern.slice(at).every((part) => part === '**');
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
