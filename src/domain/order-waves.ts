/** As much of a touched project as its place in the order takes. */
export interface Ordered {
  key: string;
  /** Keys of the projects it waits for, touched or not. */
  dependsOn: readonly string[];
  orderGroup: number;
}

/** A project's wave, from 0, and the touched projects whose results it reads. */
export interface Place {
  wave: number;
  after: readonly string[];
}

/**
 * The waves of a change: a project comes after those it waits for, also through projects that the change does not
 * touch, and after every project of a lower order group. `all` are the projects of the repository, in which there is no
 * circle; `touched` those of the change.
 */
export function orderWaves(all: readonly Ordered[], touched: ReadonlySet<string>): Map<string, Place> {
  const byKey = new Map(all.map((each) => [each.key, each]));
  const after = new Map([...touched].map((key) => [key, touchedBefore(key, byKey, touched)]));
  const places = new Map<string, Place>();
  const groups = Map.groupBy(
    all.filter(({ key }) => touched.has(key)),
    ({ orderGroup }) => orderGroup,
  );
  let first = 0;
  for (const [, members] of [...groups].toSorted(([a], [b]) => a - b)) {
    let next = first;
    let waiting = members;
    // Each round takes those that wait for nobody any more; a round that takes none cannot be, without a circle.
    for (let wave = first; waiting.length > 0; wave++) {
      const open = new Set(waiting.map(({ key }) => key));
      const free = waiting.filter(({ key }) => !(after.get(key) ?? []).some((each) => open.has(each)));
      for (const { key } of free.length === 0 ? waiting : free)
        places.set(key, { wave, after: after.get(key) ?? [] });
      waiting = free.length === 0 ? [] : waiting.filter(({ key }) => !places.has(key));
      next = wave + 1;
    }
    first = next;
  }
  return places;
}

/** The nearest touched projects that it waits for, directly or through untouched ones. */
function touchedBefore(
  key: string,
  byKey: ReadonlyMap<string, Ordered>,
  touched: ReadonlySet<string>,
): string[] {
  const found = new Set<string>();
  const seen = new Set<string>([key]);
  const waiting = [...(byKey.get(key)?.dependsOn ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (touched.has(next)) found.add(next);
    else waiting.push(...(byKey.get(next)?.dependsOn ?? []));
  }
  return [...found].sort();
}
