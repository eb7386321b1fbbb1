import { randomBytes, randomUUID } from 'node:crypto';
import { commitFiles, resolveCommit, updateRef, ZERO_SHA } from './git/repository.ts';
import { EVENT_HEADER, hookHeaders, post } from './hooks.ts';
import { findMergeRequest } from './merge-requests.ts';
import { person } from './merging.ts';
import type { CiStatus, Hook, HookEvent, Pipeline, Project, TerraformLock, User } from './model.ts';
import { createPipeline } from './pipelines.ts';
import { recordPush } from './pushes.ts';
import { stateNamed } from './routes/terraform-state.ts';
import { setJobs } from './statuses.ts';
import { mergedResult, resultPipeline } from './trains.ts';
import { now, type World } from './world.ts';

export interface NewCommit {
  user: User;
  branch: string;
  files: Record<string, string | null>;
  message?: string | undefined;
  /** Where a branch that does not exist yet begins; the default branch by default. */
  start?: string | undefined;
}

/** A commit as if made in the web editor: rights are not asked for, everything else follows as after a push. */
export async function commit(world: World, project: Project, input: NewCommit): Promise<string> {
  const ref = `refs/heads/${input.branch}`;
  const before = await resolveCommit(project.repository, ref);
  if (before === undefined) {
    const start = await resolveCommit(project.repository, input.start ?? project.defaultBranch);
    if (start !== undefined) await updateRef(project.repository, ref, start, ZERO_SHA);
  }
  const message = input.message ?? 'Change files\n';
  const after = await commitFiles(project.repository, input.branch, input.files, message, person(input.user));
  await recordPush(world, project, input.user, [{ ref, before: before ?? ZERO_SHA, after }]);
  return after;
}

export interface PipelineWish {
  user: User;
  status: CiStatus;
  sha?: string | undefined;
  ref?: string | undefined;
  source?: Pipeline['source'] | undefined;
  /** Instead of sha and ref: a pipeline of what merging this merge request (its iid) would give. */
  merged_result_of?: number | undefined;
  /** It is too old to be written to. */
  archived?: boolean | undefined;
}

/** A pipeline of GitLab's own CI, whose jobs stand as the test wants; called again for the same sha and ref it moves on. */
export async function runPipeline(world: World, project: Project, wish: PipelineWish): Promise<Pipeline> {
  const pipeline = await pipelineOf(world, project, wish);
  pipeline.archived = wish.archived ?? pipeline.archived;
  await setJobs(world, project, pipeline, wish.status);
  return pipeline;
}

async function pipelineOf(world: World, project: Project, wish: PipelineWish): Promise<Pipeline> {
  const { user, merged_result_of: iid, source = 'push' } = wish;
  if (iid !== undefined) {
    const mergeRequest = findMergeRequest(project, String(iid));
    const onto = (await resolveCommit(project.repository, `refs/heads/${mergeRequest.targetBranch}`)) ?? '';
    const { head } = await mergedResult(world, mergeRequest, user, {}, onto);
    return resultPipeline(world, mergeRequest, 'merge', { head, userId: user.id });
  }
  const { sha = '', ref = '' } = wish;
  const found = project.pipelines.findLast(
    (one) => one.sha === sha && one.ref === ref && one.source === source,
  );
  return found ?? createPipeline(world, project, { sha, ref, source, userId: user.id });
}

export interface Forgery {
  event: HookEvent;
  payload: unknown;
  /** `valid`: as GitLab would; `none`: no secret at all; `wrong`: token and signature made with another secret. */
  secret?: 'valid' | 'none' | 'wrong' | undefined;
  idempotency_key?: string | undefined;
  headers?: Record<string, string> | undefined;
}

/** Sends a payload of the caller's making to a hook's address, outside every log and counter. */
export async function forge(world: World, hook: Hook, wish: Forgery) {
  const body = JSON.stringify(wish.payload);
  const key = wish.idempotency_key ?? randomUUID();
  const secret = wish.secret ?? 'valid';
  const wrong = { token: 'not the token', signingToken: `whsec_${randomBytes(32).toString('base64')}` };
  const guise: Hook = {
    ...hook,
    ...(secret === 'none' ? { token: null, signingToken: null } : {}),
    ...(secret === 'wrong'
      ? {
          token: hook.token === null ? null : wrong.token,
          signingToken: hook.signingToken === null ? null : wrong.signingToken,
        }
      : {}),
  };
  const headers = hookHeaders(guise, wish.event, body, key, world.version, world.url);
  const answer = await post(hook.url, { ...headers, ...wish.headers }, body);
  return { event: EVENT_HEADER[wish.event], status: answer.responseStatus, body: answer.responseBody };
}

/** Takes a state's lock in somebody's name, or frees it (`null`). */
export function lockState(project: Project, name: string, lock: Partial<TerraformLock> | null): void {
  const defaults: TerraformLock = {
    ID: randomUUID(),
    Operation: 'OperationTypeApply',
    Info: '',
    Who: 'somebody@elsewhere',
    Version: '1.11.0',
    Created: now(),
    Path: name,
  };
  stateNamed(project, name).lock = lock === null ? null : { ...defaults, ...lock };
}
