/** A part of a message that can be told at some lengths. */
export interface Part {
  /** The shortest first; an empty one leaves the part out. */
  versions: readonly [string, ...string[]];
  /** Parts of a lower number grow first; those of one number grow together, version by version. */
  importance: number;
}

export interface Fitted {
  /** What each part came to; `joined` at most the budget long, unless the shortest versions together are longer. */
  told: readonly string[];
  /** Some part is not told in full. */
  isShortened: boolean;
}

const BETWEEN = '\n\n';

/**
 * How much of each part has room in a text of `most` characters. Each part is told in one of its versions, whole:
 * nothing is ever cut. All begin with their shortest, and grow in order of importance as long as there is room.
 */
export function fit(parts: readonly Part[], most: number): Fitted {
  const chosen = parts.map(() => 0);
  const told = (at: number, version = chosen[at] ?? 0) => parts[at]?.versions[version] ?? '';
  const cost = (text: string) => (text === '' ? 0 : text.length + BETWEEN.length);
  let used = parts.reduce((sum, _, at) => sum + cost(told(at)), 0) - BETWEEN.length;
  for (const group of byImportance(parts)) {
    const longest = Math.max(...group.map((at) => parts[at]?.versions.length ?? 0));
    for (let version = 1; version < longest; version += 1) {
      for (const at of group) {
        if (version >= (parts[at]?.versions.length ?? 0)) continue;
        const more = cost(told(at, version)) - cost(told(at));
        if (used + more > most) continue;
        chosen[at] = version;
        used += more;
      }
    }
  }
  const texts = parts.map((_, at) => told(at));
  return { told: texts, isShortened: parts.some(({ versions }, at) => texts[at] !== versions.at(-1)) };
}

/** The parts as one text. */
export function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(BETWEEN);
}

/** Places of the parts, in groups of equal importance. */
function byImportance(parts: readonly Part[]): number[][] {
  const groups = Map.groupBy(parts.keys(), (at) => parts[at]?.importance ?? 0);
  return [...groups].toSorted(([a], [b]) => a - b).map(([, places]) => places);
}
