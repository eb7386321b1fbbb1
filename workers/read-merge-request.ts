import type { MergeRequestView } from '#app/ports/code-host.ts';
import type { PathId, RootModule } from '#app/ports/source.ts';
import { roleInWords } from '#domain/access-level.ts';
import { canonicalHash } from '#domain/canonical-hash.ts';
import type { Change, MergeRequestRef } from '#domain/change.ts';
import type { ProjectTarget } from '#domain/project.ts';
import type { MergeRequestReading } from '#domain/fact.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

/** Re-reads the merge request from GitLab and its commits from git: what it touches, who made it, whether it is planned at all. */
export async function readMergeRequest(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const ref = change.mergeRequest;
  const view = await context.codeHost.mergeRequest(ref, { mergeability: 'at-once' });
  if (view === undefined) return undefined;
  const reading = await read(context, change, ref, view);
  return { fact: { type: 'merge-request-read', reading } };
}

async function read(
  context: WorkerContext,
  change: Change,
  ref: MergeRequestRef,
  view: MergeRequestView,
): Promise<MergeRequestReading> {
  const reading: MergeRequestReading = {
    mergeRequest: ref,
    url: view.url,
    title: view.title,
    description: view.description,
    author: { id: view.authorId, username: view.authorUsername },
    state: view.state,
    headSha: view.headSha,
    sourceBranch: view.sourceBranch,
    targetBranch: view.targetBranch,
    targetSha: '',
    ...(view.mergedSha === undefined ? {} : { mergedSha: view.mergedSha }),
  };
  if (view.state !== 'open') return reading;
  const notAdmitted = await admission(context, ref, view);
  if (notAdmitted !== undefined) return { ...reading, notAdmitted };
  return withContents(context, change, ref, view, reading);
}

/** Why this merge request gets no plan: a plan runs its author's code with our credentials. */
async function admission(
  { codeHost, settings }: WorkerContext,
  { repository }: MergeRequestRef,
  view: MergeRequestView,
): Promise<{ code: string; reason: string } | undefined> {
  if (view.sourceRepository !== repository) {
    return {
      code: 'fork',
      reason: 'it comes from a fork, whose code is not run here: push the branch to this project instead',
    };
  }
  if (view.draft) return { code: 'draft', reason: 'it is a draft: mark it as ready to have it planned' };
  const author = await codeHost.member(repository, view.authorId);
  const level = author?.accessLevel ?? 0;
  if (level >= settings.accessLevels.plan) return undefined;
  return {
    code: 'author-role',
    reason: `its author @${view.authorUsername} is ${roleInWords(level)} of this project, and only what ${roleInWords(settings.accessLevels.plan)} asks for is planned: a maintainer changes the role, or somebody who has it opens the merge request`,
  };
}

async function withContents(
  context: WorkerContext,
  change: Change,
  ref: MergeRequestRef,
  view: MergeRequestView,
  reading: MergeRequestReading,
): Promise<MergeRequestReading> {
  const { codeHost, source, rootModules } = context;
  const { repository } = ref;
  const targetSha = (await codeHost.branchHead(repository, view.targetBranch)) ?? '';
  const present = { ...reading, targetSha };
  const known = change.revision;
  if (targetSha === '') {
    return {
      ...present,
      notAdmitted: { code: 'no-target', reason: `its target branch ${view.targetBranch} does not exist` },
    };
  }
  await source.fetch(repository, [view.headSha, targetSha]);
  const baseSha = await source.mergeBase(repository, targetSha, view.headSha);
  if (baseSha === undefined) {
    const reason = `its branch has no commit in common with ${view.targetBranch}`;
    return { ...present, notAdmitted: { code: 'no-merge-base', reason } };
  }
  const since = known?.openedAt ?? daysBefore(await context.ledger.now(), PUSHES_LOOKED_BACK_DAYS);
  const [changedPaths, roots, commits, pushers] = await Promise.all([
    source.changedPaths(repository, baseSha, view.headSha),
    rootModules.listRoots(repository, view.headSha),
    source.commits(repository, baseSha, view.headSha),
    known?.headSha === view.headSha ? known.pushers : codeHost.pushers(repository, view.sourceBranch, since),
  ]);
  const candidates = await Promise.all(
    roots.map((root) => targetsOf(context, repository, view.headSha, root)),
  );
  const projects = candidates.flat().filter((target) => isTouched(target, changedPaths));
  const hashes = projects.map(({ key, dir, workspace }) => [
    key,
    context.settings.configurationHash(repository, dir, workspace),
  ]);
  return {
    ...present,
    contents: {
      baseSha,
      commitEmails: [
        ...new Set(commits.flatMap(({ authorEmail, committerEmail }) => [authorEmail, committerEmail])),
      ],
      pushers: union(known?.pushers, pushers, known !== undefined),
      projects,
      configurationHash: canonicalHash(hashes),
    },
  };
}

/** Older pushes to a branch have left GitLab's event list in many places; then nobody knows who pushed, and four-eyes says so. */
const PUSHES_LOOKED_BACK_DAYS = 30;

function daysBefore(time: string, days: number): string {
  return new Date(Date.parse(time) - days * 86_400_000).toISOString();
}

/** Pushers of earlier revisions count as well; once the host did not tell, nobody knows any more. */
function union(
  before: readonly number[] | undefined,
  now: readonly number[] | undefined,
  hasBefore: boolean,
): readonly number[] | undefined {
  if (now === undefined || (hasBefore && before === undefined)) return undefined;
  return [...new Set([...(before ?? []), ...now])];
}

function isTouched({ inputPaths }: ProjectTarget, changedPaths: readonly string[]): boolean {
  return inputPaths.some((input) => changedPaths.some((path) => contains(input, path)));
}

/** Whether a changed path is the input or lies in it. */
export function contains(input: string, path: string): boolean {
  return input === '.' || path === input || path.startsWith(`${input}/`);
}

/** The projects a root module makes: one for each workspace the server's configuration names for its folder. */
async function targetsOf(
  { settings, source }: WorkerContext,
  repository: number,
  sha: string,
  root: RootModule,
): Promise<ProjectTarget[]> {
  return Promise.all(
    settings.projectsAt(repository, root.dir).map(async ({ workspace, applyOn, varFiles }) => {
      // When it computes what it reads, anything in the repository may be an input.
      const rootPaths = root.readsUnknownFiles ? ['.'] : root.inputs.map(({ path }) => path);
      const inputPaths = [...new Set([...rootPaths, ...varFiles])].toSorted();
      return {
        key: workspace === 'default' ? root.dir : `${root.dir}:${workspace}`,
        name: workspace === 'default' ? root.dir : `${root.dir}:${workspace}`,
        holdFrom: 'apply',
        wave: 0,
        after: [],
        dir: root.dir,
        workspace,
        applyOn,
        declaresApprovalId: root.declaresApprovalId,
        inputsId: inputsIdOf(await source.pathIds(repository, sha, inputPaths)),
        inputPaths,
      };
    }),
  );
}

/** SHA-256 over the git ids of what a project is made of. */
export function inputsIdOf(inputs: readonly PathId[]): string {
  return canonicalHash(inputs.map(({ path, id }) => [path, id ?? '']));
}
