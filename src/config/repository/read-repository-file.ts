import type { Problem } from '../problems.ts';
import { parseYaml, type YamlFile, type YamlReading } from '../read-yaml.ts';
import { type RepositoryFile, repositoryFileSchema } from './schema.ts';
import { patternProblem } from './when-modified.ts';

/** The repository's own configuration, at its root. */
export const REPOSITORY_FILE = 'countersign.yaml';

/**
 * Reads `countersign.yaml`: everything that can be said of it without the tree and the server, all at once and each with
 * its place. Without a file everything is left to the server.
 */
export function readRepositoryFile(text: string | undefined): YamlReading<RepositoryFile> {
  if (text === undefined) return { ok: true, file: NO_FILE };
  if (text.length > LARGEST) {
    const what = `has ${text.length} characters; expected ${LARGEST} at most`;
    return { ok: false, problems: [{ place: `${REPOSITORY_FILE}:1:1`, what }] };
  }
  const reading = parseYaml(text, REPOSITORY_FILE, repositoryFileSchema, { merge: true });
  if (!reading.ok) return reading;
  const problems = [...sharedNames(reading.file), ...badPatterns(reading.file)];
  return problems.length > 0 ? { ok: false, problems } : reading;
}

/** Room for thousands of projects; more would keep a worker from its other work while it is read. */
const LARGEST = 256 * 1024;

const NO_FILE: YamlFile<RepositoryFile> = {
  value: repositoryFileSchema.parse({ version: 1 }),
  placeOf: () => REPOSITORY_FILE,
};

/** Whatever the tree holds, two entries of one name, and of one folder and workspaces, cannot both be meant. */
function sharedNames({ value, placeOf }: YamlFile<RepositoryFile>): Problem[] {
  const owners = new Map<string, string>();
  const claim = (what: string, keys: readonly PropertyKey[]): Problem[] => {
    const owner = owners.get(what);
    if (owner === undefined) owners.set(what, placeOf(keys));
    return owner === undefined
      ? []
      : [{ place: placeOf(keys), what: `${what} is there already, at ${owner}` }];
  };
  return value.projects.flatMap(({ dir, name, workspaces }, index) => [
    ...(name === undefined ? [] : claim(`name ${name}`, ['projects', index, 'name'])),
    ...(name === undefined || !dir.includes('*')
      ? []
      : [
          {
            place: placeOf(['projects', index, 'name']),
            what: 'name: a pattern of folders makes projects that cannot share a name; leave it out',
          },
        ]),
    ...(workspaces ?? ['']).flatMap((workspace) =>
      claim(`dir ${dir}${workspace === '' ? '' : ` in workspace ${workspace}`}`, ['projects', index, 'dir']),
    ),
  ]);
}

function badPatterns({ value, placeOf }: YamlFile<RepositoryFile>): Problem[] {
  const inLayer = (
    list: 'defaults' | 'projects',
    dir: string,
    index: number,
    patterns: readonly string[] | undefined,
  ) =>
    (patterns ?? []).flatMap((pattern, i) => {
      const what = patternProblem(dir, pattern);
      const keys = [list, index, 'whenModified', i];
      return what === undefined ? [] : [{ place: placeOf(keys), what: `whenModified: ${what}` }];
    });
  return [
    ...value.defaults.flatMap(({ match, whenModified }, i) => inLayer('defaults', match, i, whenModified)),
    ...value.projects.flatMap(({ dir, whenModified }, i) => inLayer('projects', dir, i, whenModified)),
  ];
}
