/** From a moment until before another one; milliseconds since 1970. */
export interface Span {
  from: number;
  to: number;
}

/** The same time as spans in order of which no two touch. */
export function union(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (span.from >= span.to) continue;
    if (last !== undefined && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else merged.push({ ...span });
  }
  return merged;
}

/** The time that is in both; each as `union` gives it. */
export function intersection(a: readonly Span[], b: readonly Span[]): Span[] {
  return a.flatMap((one) =>
    b.flatMap((other) => {
      const from = Math.max(one.from, other.from);
      const to = Math.min(one.to, other.to);
      return from < to ? [{ from, to }] : [];
    }),
  );
}

/** The time of the first that is not in the second; the first as `union` gives it. */
export function difference(a: readonly Span[], b: readonly Span[]): Span[] {
  return union(b).reduce<Span[]>(
    (left, hole) =>
      left.flatMap(({ from, to }) => [
        ...(from < Math.min(to, hole.from) ? [{ from, to: Math.min(to, hole.from) }] : []),
        ...(Math.max(from, hole.to) < to ? [{ from: Math.max(from, hole.to), to }] : []),
      ]),
    [...a],
  );
}
