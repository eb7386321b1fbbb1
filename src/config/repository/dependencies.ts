import { nearest } from '#domain/nearest.ts';
import type { Problem } from '../problems.ts';

/** As much of a project as its order takes. */
export interface Dependent {
  key: string;
  name: string;
  /** Names or keys, as written. */
  dependsOn: readonly string[];
  dependsOnPlace: string;
  /** Whether the words are its own, not a layer's that speaks to many. */
  orderGroup: number;
}

export interface Dependencies {
  /** Keys of the projects each waits for, by key. */
  after: ReadonlyMap<string, readonly string[]>;
  problems: readonly Problem[];
  /** Names that lead to nothing in this tree. */
  unknown: readonly (Problem & { name: string })[];
}

/**
 * Who waits for whom. A name that leads nowhere, a circle, and a project that would wait for one of a later group are
 * told with their places. A layer may name a project that it also speaks to; that one does not wait for itself.
 */
export function resolveDependencies(projects: readonly Dependent[]): Dependencies {
  const keys = new Map(projects.flatMap(({ key, name }) => [[name, key] as const, [key, key] as const]));
  const groups = new Map(projects.map(({ key, orderGroup }) => [key, orderGroup]));
  const unknown = projects.flatMap(({ dependsOn, dependsOnPlace }) =>
    dependsOn
      .filter((name) => !keys.has(name))
      .map((name) => ({
        name,
        place: dependsOnPlace,
        what: `dependsOn: there is no project ${name}${didYouMean(name, [...keys.keys()])}`,
      })),
  );
  const after = new Map(
    projects.map(({ key, dependsOn }) => {
      const found = dependsOn.flatMap((name) => keys.get(name) ?? []);
      return [key, [...new Set(found)].filter((each) => each !== key)];
    }),
  );
  const tooLate = projects.flatMap(({ key, orderGroup, dependsOnPlace }) =>
    (after.get(key) ?? [])
      .filter((each) => (groups.get(each) ?? 0) > orderGroup)
      .map((each) => ({
        place: dependsOnPlace,
        what: `dependsOn: ${key} (order group ${orderGroup}) waits for ${each}, whose order group ${groups.get(each)} comes later`,
      })),
  );
  const circle = findCircle(after);
  const first = projects.find(({ key }) => key === circle?.[0]);
  const circular =
    circle === undefined || first === undefined
      ? []
      : [{ place: first.dependsOnPlace, what: `dependsOn: a circle: ${[...circle, circle[0]].join(' → ')}` }];
  return { after, problems: [...tooLate, ...circular], unknown };
}

function didYouMean(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

/** One circle of keys, if there is any; without recursion, since chains may be long. */
function findCircle(after: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  for (const start of after.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const waiting: { key: string; leave: boolean }[] = [{ key: start, leave: false }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { key, leave } = next;
      if (leave) {
        done.add(key);
        onPath.delete(key);
        path.pop();
      } else if (onPath.has(key)) return path.slice(path.indexOf(key));
      else if (!done.has(key)) {
        onPath.add(key);
        path.push(key);
        waiting.push(
          { key, leave: true },
          ...(after.get(key) ?? []).map((each) => ({ key: each, leave: false })),
        );
      }
    }
  }
  return undefined;
}
