import { liesIn } from './path-match.ts';

/** As much of a project as tells what it is made of and what it waits for. */
export interface RelatedProject {
  key: string;
  dir: string;
  /** Keys of the projects it waits for. */
  dependsOn: readonly string[];
  /** Keys of the projects whose state it reads. */
  readsStateOf: readonly string[];
  inputPaths: readonly string[];
}

/** What else of the repository feels it when the plans of a change do something else than was thought. */
export interface BlastRadius {
  /** Projects outside of the change that build on one of it, directly or through others; sorted. */
  dependents: readonly { project: string; through: string; by: 'dependsOn' | 'state' }[];
  /** Local modules and shared files that the change edits and that several projects are made of. */
  shared: readonly { path: string; users: number; outside: readonly string[] }[];
  /** Projects of the repository altogether. */
  projects: number;
}

/**
 * Who depends on the planned projects, and which shared parts were edited.
 *
 * @param planned keys of the projects of the change that something is done to.
 * @param changedPaths what the merge request edits, from the repository's root.
 */
export function blastRadius(
  projects: readonly RelatedProject[],
  planned: readonly string[],
  changedPaths: readonly string[],
): BlastRadius {
  return {
    dependents: dependentsOf(projects, planned),
    shared: sharedParts(projects, planned, changedPaths),
    projects: projects.length,
  };
}

function dependentsOf(
  projects: readonly RelatedProject[],
  planned: readonly string[],
): BlastRadius['dependents'] {
  const found = new Map<string, BlastRadius['dependents'][number]>();
  const reached = new Set(planned);
  for (let front: readonly string[] = planned; front.length > 0; ) {
    const next = projects.flatMap((project): BlastRadius['dependents'] => {
      if (reached.has(project.key)) return [];
      const read = project.readsStateOf.find((key) => front.includes(key));
      const through = read ?? project.dependsOn.find((key) => front.includes(key));
      if (through === undefined) return [];
      return [{ project: project.key, through, by: read === undefined ? 'dependsOn' : 'state' }];
    });
    for (const each of next) {
      reached.add(each.project);
      found.set(each.project, each);
    }
    front = next.map(({ project }) => project);
  }
  return [...found.values()].toSorted((a, b) => (a.project < b.project ? -1 : 1));
}

/** A part that one project alone is made of is its own. */
function sharedParts(
  projects: readonly RelatedProject[],
  planned: readonly string[],
  changedPaths: readonly string[],
): BlastRadius['shared'] {
  const parts = new Set(
    projects.flatMap(({ dir, inputPaths }) => inputPaths.filter((path) => path !== dir && path !== '.')),
  );
  return [...parts]
    .filter((part) => changedPaths.some((path) => liesIn(path, part)))
    .toSorted()
    .flatMap((path) => {
      const users = projects.filter(({ inputPaths }) => inputPaths.includes(path)).map(({ key }) => key);
      const outside = users.filter((key) => !planned.includes(key)).toSorted();
      return users.length < 2 ? [] : [{ path, users: users.length, outside }];
    });
}
