import type { FileAction } from '#app/ports/code-host.ts';
import type { SourceFile } from '#app/ports/source.ts';
import { planToTell } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import type { Refusal } from '#domain/refusal.ts';
import { releaseTagName } from '#domain/release-tag.ts';
import type { WorkerContext } from './context.ts';
import { others, sharedWithOthers, touchedByOthers } from './others-work.ts';

/** What has to be done to the target branch's head for the projects to be as they were. */
export interface RollbackPlan {
  files: FileAction[];
  /** Each project with the commit at which it was as it will be, by the release's tag where there is one. */
  projects: { key: string; before: string }[];
}

/** What a release made of some projects, and what they were before it. */
interface Released {
  sha: string;
  /** The change's own merge base, where no earlier release made them what they were. */
  baseSha: string;
  targetBranch: string;
  projects: readonly Project[];
}

interface Before {
  project: Project;
  sha: string;
  name: string;
  /** Its inputs then and when it was released. */
  paths: readonly string[];
}

/** The release that was made under a ticket; the refusal where there is none. */
export function releaseOf(change: Change, key: string): Released | Refusal {
  const { release, revision } = change;
  const projects = change.projects.filter((project) => planToTell(project) !== undefined);
  if (release.status !== 'tagged' || release.tag !== releaseTagName(key) || revision === undefined)
    return nothing(`nothing was released under ${key}`);
  if (projects.length === 0) return nothing(`no project was applied under ${key}`);
  const { baseSha, targetBranch } = revision;
  return { sha: release.sha, baseSha, targetBranch, projects };
}

/**
 * Finds for each project what it was before: as the newest earlier release has it whose commit holds something else than
 * this one, else as the change found it. Refused where going back would take others' work along: files that somebody
 * changed since, and files that projects are made of which this release was not about.
 */
export async function planRollback(
  context: WorkerContext,
  repository: number,
  released: Released,
  startSha: string,
): Promise<RollbackPlan | Refusal[]> {
  const { source } = context;
  const tags = await context.proposalDesk.releaseTags(repository);
  await source.fetch(repository, [
    ...new Set([released.sha, released.baseSha, startSha, ...tags.map(({ sha }) => sha)]),
  ]);
  const befores = await Promise.all(
    released.projects.map((project) => beforeOf(context, repository, released, project, tags)),
  );
  const wanted = new Map<string, { file: SourceFile | undefined; before: Before }>();
  for (const before of befores) {
    for (const [path, file] of await changedSince(context, repository, released.sha, before)) {
      const known = wanted.get(path);
      if (known !== undefined && known.file?.id !== file?.id)
        return [
          others(
            `${path} was another file before for ${known.before.project.key} than for ${before.project.key}`,
          ),
        ];
      wanted.set(path, { file, before });
    }
  }
  const paths = [...wanted.keys()];
  if (paths.length === 0) return [nothing('the projects were the same before')];
  const [now, then] = await Promise.all(
    [startSha, released.sha].map((sha) => filesAt(context, repository, sha, paths)),
  );
  const touched = paths.filter((path) => now?.get(path)?.id !== then?.get(path)?.id);
  const isBack = (path: string) => now?.get(path)?.id === wanted.get(path)?.file?.id;
  if (paths.every(isBack)) return [nothing('the target branch has the projects as they were before')];
  const refused = [
    ...(await touchedByOthers(context, repository, released.sha, startSha, touched)),
    ...(await sharedWithOthers(context, repository, released, startSha, paths)),
  ];
  if (refused.length > 0) return refused;
  const actions = await Promise.all(
    paths.map((path) => actionsFor(context, repository, path, wanted.get(path)?.file, now?.get(path))),
  );
  const unmakeable = actions.flatMap((each) => (Array.isArray(each) ? [] : [each]));
  if (unmakeable.length > 0) return unmakeable;
  return {
    files: actions.flatMap((each) => (Array.isArray(each) ? each : [])),
    projects: befores.map(({ name, project }) => ({ key: project.key, before: name })),
  };
}

async function beforeOf(
  context: WorkerContext,
  repository: number,
  released: Released,
  project: Project,
  tags: readonly { name: string; sha: string }[],
): Promise<Before> {
  const { source } = context;
  const ids = async (sha: string) =>
    JSON.stringify((await source.pathIds(repository, sha, project.inputPaths)).map(({ id }) => id ?? null));
  const present = await ids(released.sha);
  let found = { sha: released.baseSha, name: released.baseSha.slice(0, 12) };
  for (const { name, sha } of tags) {
    if (sha === released.sha) continue;
    if ((await source.mergeBase(repository, sha, released.sha)) !== sha) continue;
    if ((await ids(sha)) === present) continue;
    found = { sha, name };
    break;
  }
  const paths = [
    ...new Set([
      ...project.inputPaths,
      ...(await inputsAt(context, repository, released, found.sha, project.key)),
    ]),
  ];
  return { project, ...found, paths };
}

/** What a project was made of at a commit; nothing where it was none. */
async function inputsAt(
  { catalogue }: WorkerContext,
  repository: number,
  { targetBranch }: Released,
  sha: string,
  key: string,
): Promise<readonly string[]> {
  const reading = await catalogue.read({ repository, targetBranch, targetSha: sha, headSha: sha });
  const project = reading.ok
    ? reading.catalogue.projects.find(({ target }) => target.key === key)
    : undefined;
  return project?.target.inputPaths ?? [];
}

/** The files of the project that its release changed, as they were before. */
async function changedSince(
  { source }: WorkerContext,
  repository: number,
  releasedSha: string,
  { paths, sha }: Before,
): Promise<Map<string, SourceFile | undefined>> {
  const [before, after] = await Promise.all([
    source.files(repository, sha, paths),
    source.files(repository, releasedSha, paths),
  ]);
  const [was, is] = [byPath(before), byPath(after)];
  const all = [...new Set([...was.keys(), ...is.keys()])].toSorted();
  return new Map(
    all
      .filter((path) => was.get(path)?.id !== is.get(path)?.id || was.get(path)?.kind !== is.get(path)?.kind)
      .map((path) => [path, was.get(path)]),
  );
}

async function filesAt(
  { source }: WorkerContext,
  repository: number,
  sha: string,
  paths: readonly string[],
): Promise<Map<string, SourceFile>> {
  return byPath(await source.files(repository, sha, paths));
}

function byPath(files: readonly SourceFile[]): Map<string, SourceFile> {
  return new Map(files.map((file) => [file.path, file]));
}

async function actionsFor(
  { source }: WorkerContext,
  repository: number,
  path: string,
  wanted: SourceFile | undefined,
  present: SourceFile | undefined,
): Promise<FileAction[] | Refusal> {
  if (wanted?.kind === 'link' || present?.kind === 'link')
    return others(`${path} is a link, which is not made this way`);
  if (wanted === undefined) return present === undefined ? [] : [{ action: 'delete', path }];
  const written: FileAction[] =
    wanted.id === present?.id
      ? []
      : [
          {
            action: present === undefined ? 'create' : 'update',
            path,
            content: await source.blob(repository, wanted),
          },
        ];
  const executable = wanted.kind === 'executable';
  const isSet = present?.kind === 'executable';
  return executable === isSet ? written : [...written, { action: 'chmod', path, executable }];
}

function nothing(reason: string): Refusal {
  return { code: 'nothing-to-roll-back', reason, remedy: 'nothing is to be done' };
}
