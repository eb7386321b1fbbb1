import type { Checks } from '#app/ports/checks.ts';
import type { Tiers } from '#app/ports/tiers.ts';
import type {
  CatalogueQuestion,
  CatalogueReading,
  CataloguedProject,
  ConfigurationProblem,
  ProjectCatalogue,
} from '#app/ports/project-catalogue.ts';
import type { RootModule, RootModules, Source } from '#app/ports/source.ts';
import { inputsIdOf } from '#domain/inputs.ts';
import {
  type Config,
  configurationHash,
  defaultBinary,
  type GoverningReading,
  type ResolvedProject,
  resolveRepository,
  type ServerSide,
  stateProblemsOf,
  stateReadersOf,
  watch,
} from './config.ts';
import { type GoverningFiles, openGoverningFiles } from './compose-governing-files.ts';

interface Dependencies {
  config: Config;
  source: Pick<Source, 'readFile' | 'listFiles' | 'pathIds'>;
  rootModules: RootModules;
  checks: Pick<Checks, 'ruleIds' | 'problemsOf'>;
  tiers: Pick<Tiers, 'names' | 'ruleIds' | 'problemsOf'>;
}

/** Commits do not change, so what was read of them once is what would be read again. */
const READINGS_KEPT = 32;

/** The catalogue over git: the files of the target's commit, the root modules of the head's. Both must be fetched. */
export function createCatalogue(dependencies: Dependencies): ProjectCatalogue {
  const readings = new Map<string, Promise<CatalogueReading>>();
  const files = openGoverningFiles(dependencies.source, dependencies);
  return {
    read(question) {
      const { repository, targetSha, headSha } = question;
      const key = `${repository} ${targetSha} ${headSha}`;
      const known = readings.get(key);
      if (known !== undefined) {
        // What is asked for stays; what nobody asked for lately goes first.
        readings.delete(key);
        readings.set(key, known);
        return known;
      }
      const reading = readCatalogue(dependencies, files, question);
      if (readings.size >= READINGS_KEPT) readings.delete(readings.keys().next().value ?? '');
      readings.set(key, reading);
      // What broke is asked again.
      reading.catch(() => readings.delete(key));
      return reading;
    },
    async governsAlike(repository, a, b) {
      return (await files(repository, a)) === (await files(repository, b));
    },
  };
}

async function readCatalogue(
  { config, source, rootModules }: Dependencies,
  files: GoverningFiles,
  { repository, targetSha, headSha }: CatalogueQuestion,
): Promise<CatalogueReading> {
  const server = serverSide(config, repository);
  const [governing, ofHead, roots] = await Promise.all([
    files(repository, targetSha),
    files(repository, headSha),
    rootModules.listRoots(repository, headSha),
  ]);
  if (!governing.ok) return governing;
  const resolution = resolveRepository(server, governing.file, roots);
  const { known, unknown } = await namesOnTarget(resolution.unknown, async () =>
    resolveRepository(server, governing.file, await rootModules.listRoots(repository, targetSha)),
  );
  const problems = [...resolution.problems, ...unknown];
  if (problems.length > 0) return { ok: false, problems };
  const coming = governing === ofHead ? [] : problemsAfterMerge(server, ofHead, roots);
  const misplaced = stateProblemsOf(config, repository, resolution.projects);
  const readers = stateReadersOf(resolution.projects);
  const projects = await Promise.all(
    resolution.projects.map((project) =>
      catalogued(config, source, { repository, headSha, rulesHash: governing.rulesHash }, project),
    ),
  );
  return {
    ok: true,
    catalogue: {
      projects: projects.map((each) => ({
        ...each,
        stateProblems: misplaced.get(each.target.key) ?? [],
        readsStateOf: readers.get(each.target.key) ?? [],
      })),
      repository: resolution.repository,
      rules: governing.rules,
      tierRules: governing.tierRules,
      warnings: [...resolution.warnings, ...known, ...coming],
    },
  };
}

/** Throws for a repository that the server does not have: nobody may ask about it. */
function serverSide(
  { repositories, workflows, hooks, terraform, tiers }: Config,
  repository: number,
): ServerSide {
  const found = repositories.find(({ id }) => id === repository);
  if (found === undefined) throw new Error(`repository ${repository} is not configured`);
  const { distribution } = defaultBinary(terraform);
  if (distribution === 'terraform') return { repository: found, workflows, hooks, tiers };
  const projects = found.projects.map((entry) => ({
    ...entry,
    terraform: { distribution, ...entry.terraform },
  }));
  return { repository: { ...found, projects }, workflows, hooks, tiers };
}

/** A name that the head's tree lacks is a mistake, unless the target has it: then the merge request takes it away. */
async function namesOnTarget(
  unknown: readonly (ConfigurationProblem & { name: string })[],
  ofTarget: () => Promise<{ projects: readonly ResolvedProject[] }>,
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
function problemsAfterMerge(
  server: ServerSide,
  reading: GoverningReading,
  roots: readonly RootModule[],
): ConfigurationProblem[] {
  const resolution = reading.ok ? resolveRepository(server, reading.file, roots) : undefined;
  const problems = reading.ok ? [] : reading.problems;
  return [...problems, ...(resolution?.problems ?? []), ...(resolution?.unknown ?? [])].map(
    ({ place, what }) => ({
      place,
      what: `${what} (in this merge request's version, which governs nothing before it is merged)`,
    }),
  );
}

async function catalogued(
  config: Config,
  source: Dependencies['source'],
  { repository, headSha, rulesHash }: { repository: number; headSha: string; rulesHash: string },
  { root, target, settings, origins }: ResolvedProject,
): Promise<Omit<CataloguedProject, 'stateProblems' | 'readsStateOf'>> {
  const { dir, workspace, applyOn, holdFrom } = target;
  // Which files make it planned has no part in what an approval is about.
  const { whenModified, autoplan: _, ...governing } = settings;
  // With other rules a plan is checked anew, so they make another revision as settings do.
  const settled = { applyOn, holdFrom, rulesHash, ...governing };
  const named = [...root.inputs.map(({ path }) => path), ...settings.varFiles];
  // When it computes what it reads, anything in the repository may be an input.
  const inputPaths = [...new Set(root.readsUnknownFiles ? ['.', ...settings.varFiles] : named)].toSorted();
  const ids = new Map(root.inputs.map(({ path, id }) => [path, id]));
  const others = inputPaths.filter((path) => !ids.has(path));
  for (const { path, id } of others.length === 0 ? [] : await source.pathIds(repository, headSha, others))
    ids.set(path, id);
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
