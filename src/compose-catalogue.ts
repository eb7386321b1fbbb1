import type {
  CatalogueQuestion,
  CatalogueReading,
  CataloguedProject,
  ConfigurationProblem,
  ProjectCatalogue,
} from '#app/ports/project-catalogue.ts';
import type { RootModules, Source } from '#app/ports/source.ts';
import { Fault } from '#domain/fault.ts';
import { inputsIdOf } from '#domain/inputs.ts';
import {
  type Config,
  configurationHash,
  readRepositoryFile,
  REPOSITORY_FILE,
  type Resolution,
  type ResolvedProject,
  resolveRepository,
  type ServerSide,
  watch,
} from './config.ts';

interface Dependencies {
  config: Config;
  source: Pick<Source, 'readFile' | 'pathIds'>;
  rootModules: RootModules;
}

/** Commits do not change, so what was read of them once is what would be read again. */
const READINGS_KEPT = 200;

/** The catalogue over git: the file of the target's commit, the root modules of the head's. Both must be fetched. */
export function createCatalogue(dependencies: Dependencies): ProjectCatalogue {
  const readings = new Map<string, Promise<CatalogueReading>>();
  return {
    read(question) {
      const { repository, targetSha, headSha } = question;
      const key = `${repository} ${targetSha} ${headSha}`;
      const known = readings.get(key);
      if (known !== undefined) return known;
      const reading = readCatalogue(dependencies, question);
      if (readings.size >= READINGS_KEPT) readings.delete(readings.keys().next().value ?? '');
      readings.set(key, reading);
      // What broke is asked again.
      reading.catch(() => readings.delete(key));
      return reading;
    },
  };
}

async function readCatalogue(
  { config, source, rootModules }: Dependencies,
  { repository, targetSha, headSha }: CatalogueQuestion,
): Promise<CatalogueReading> {
  const server = serverSide(config, repository);
  const [text, ofHead, roots] = await Promise.all([
    fileText(source, repository, targetSha),
    fileText(source, repository, headSha),
    rootModules.listRoots(repository, headSha),
  ]);
  if (typeof text === 'object') return { ok: false, problems: [text] };
  const file = readRepositoryFile(text);
  if (!file.ok) return file;
  const resolution = resolveRepository(server, file.file, roots);
  const { known, unknown } = await namesOnTarget(resolution, async () =>
    resolveRepository(server, file.file, await rootModules.listRoots(repository, targetSha)),
  );
  const problems = [...resolution.problems, ...unknown];
  if (problems.length > 0) return { ok: false, problems };
  const headWarnings = text === ofHead ? [] : problemsOfHead(server, ofHead, roots);
  const projects = await Promise.all(
    resolution.projects.map((project) => catalogued(config, source, { repository, headSha }, project)),
  );
  return {
    ok: true,
    catalogue: {
      projects,
      repository: resolution.repository,
      rules: [],
      warnings: [...resolution.warnings, ...known, ...headWarnings],
    },
  };
}

/** Throws for a repository that the server does not have: nobody may ask about it. */
function serverSide({ repositories, workflows, hooks }: Config, repository: number): ServerSide {
  const found = repositories.find(({ id }) => id === repository);
  if (found === undefined) throw new Error(`repository ${repository} is not configured`);
  return { repository: found, workflows, hooks };
}

/** The file's text; undefined when there is none; the problem when it is too large to be one. */
async function fileText(
  source: Dependencies['source'],
  repository: number,
  sha: string,
): Promise<string | undefined | ConfigurationProblem> {
  try {
    return await source.readFile(repository, sha, REPOSITORY_FILE);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'file-too-large') throw error;
    return { place: `${REPOSITORY_FILE}:1:1`, what: error.message };
  }
}

/** A name that the head's tree lacks is a mistake, unless the target has it: then the merge request takes it away. */
async function namesOnTarget(
  { unknown }: Resolution,
  ofTarget: () => Promise<Resolution>,
): Promise<{ known: ConfigurationProblem[]; unknown: ConfigurationProblem[] }> {
  if (unknown.length === 0) return { known: [], unknown: [] };
  const there = new Set((await ofTarget()).projects.flatMap(({ target: { key, name } }) => [key, name]));
  return {
    known: unknown
      .filter(({ name }) => there.has(name))
      .map(({ name, place }) => ({ place, what: `dependsOn: this merge request takes ${name} away` })),
    unknown: unknown.filter(({ name }) => !there.has(name)).map(({ place, what }) => ({ place, what })),
  };
}

/** What will be wrong once this is merged; what governs until then is the target's version. */
function problemsOfHead(
  server: ServerSide,
  text: string | undefined | ConfigurationProblem,
  roots: Parameters<typeof resolveRepository>[2],
): ConfigurationProblem[] {
  if (typeof text === 'object') return [inThisRequest(text)];
  const file = readRepositoryFile(text);
  if (!file.ok) return file.problems.map(inThisRequest);
  const { problems, unknown } = resolveRepository(server, file.file, roots);
  return [...problems, ...unknown].map(inThisRequest);
}

function inThisRequest({ place, what }: ConfigurationProblem): ConfigurationProblem {
  return { place, what: `${what} (in this merge request's version, which does not govern it yet)` };
}

async function catalogued(
  config: Config,
  source: Dependencies['source'],
  { repository, headSha }: { repository: number; headSha: string },
  { root, target, settings, origins }: ResolvedProject,
): Promise<CataloguedProject> {
  const { dir, workspace, applyOn, holdFrom } = target;
  // Which files make it planned has no part in what an approval is about.
  const { whenModified, autoplan: _, ...governing } = settings;
  const settled = { applyOn, holdFrom, ...governing };
  const named = [...root.inputs.map(({ path }) => path), ...settings.varFiles];
  // When it computes what it reads, anything in the repository may be an input.
  const inputPaths = [...new Set(root.readsUnknownFiles ? ['.', ...settings.varFiles] : named)].toSorted();
  const ids = new Map(root.inputs.map(({ path, id }) => [path, id]));
  const asked = await source.pathIds(
    repository,
    headSha,
    inputPaths.filter((path) => !ids.has(path)),
  );
  for (const { path, id } of asked) ids.set(path, id);
  return {
    target: {
      ...target,
      declaresApprovalId: root.declaresApprovalId,
      inputsId: inputsIdOf(inputPaths.map((path) => ({ path, id: ids.get(path) }))),
      inputPaths,
    },
    settings,
    origins,
    settingsHash: configurationHash(config, { repository, dir, workspace }, settled),
    isTouchedBy: watch({ dir, whenModified, inputPaths, namedInputs: named }),
  };
}
