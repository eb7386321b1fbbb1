import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { CommitState, NamedStatus, PostedStatus, StatusPlace } from '#app/ports/code-host.ts';
import { parse, type GitlabClient } from './client.ts';
import { hasStatus } from './fault.ts';
import { pipelineOfHead, type PipelinePlace, readMergeRequest } from './read-merge-request.ts';
import { commitStatus } from './schema.ts';
import type { CommitStatus, MergeRequest } from './schema.ts';

const PER_PAGE = 100;
const TRIES = 4;

/**
 * Sets our status where the merge request looks. GitLab finds the pipeline by commit, ref and id together, and makes a
 * new one of the source `external` where they do not match, at which nobody looks; so all three are those of the head's
 * own pipeline (`Ci::CreateCommitStatusService`). One is made only for a present head that has none, and not by a status
 * that is only pending: the project's own pipeline may be a moment late. What we left running on another pipeline is
 * ended there, or it would run for ever.
 *
 * Where the status stands now; `undefined` when nothing was set.
 */
export async function putStatus(
  client: GitlabClient,
  status: PostedStatus,
  before: StatusPlace | undefined,
): Promise<StatusPlace | undefined> {
  const { mergeRequest, sha } = status;
  const { repository } = mergeRequest;
  const found = await readMergeRequest(client, mergeRequest);
  const present = found?.sha === sha;
  const pipeline =
    found !== undefined && present ? await pipelineOfHead(client, mergeRequest, found) : undefined;
  const elsewhere = pipeline !== undefined && before !== undefined && before.pipelineId !== pipeline.id;
  if (isAnyRunning(before) && (before.head !== sha || elsewhere)) await end(client, repository, before);
  const target = pipeline === undefined ? known(before, status) : placeOf(pipeline);
  if (target === undefined && (!present || !mayBegin(found, status))) return undefined;
  const place = target ?? { sha, ref: found?.source_branch ?? status.ref };
  const pipelineId = await post(client, repository, place, status.state, {
    name: client.statusName,
    ...textOf(status),
  });
  const stands = { ...place, ...(pipelineId === undefined ? {} : { pipelineId }) };
  const stayed = before?.head === sha && before.pipelineId === stands.pipelineId;
  const beside = await postBeside(client, repository, stands, status.beside ?? []);
  const running = new Set([...(stayed ? (before.beside ?? []) : []), ...beside.running]);
  for (const name of beside.over) running.delete(name);
  return {
    ...stands,
    head: sha,
    running: isRunning(status.state),
    ...(running.size === 0 ? {} : { beside: [...running] }),
  };
}

/** One at a time, as GitLab takes them. A full pipeline or a right we lack costs a line of information and nothing else. */
async function postBeside(
  client: GitlabClient,
  repository: number,
  place: Place,
  statuses: readonly NamedStatus[],
): Promise<{ running: string[]; over: string[] }> {
  const running: string[] = [];
  const over: string[] = [];
  for (const each of statuses) {
    const name = nameBeside(client, each.name);
    const set = await unlessRefused(() =>
      post(client, repository, place, each.state, { name, ...textOf(each) }),
    );
    if (set && isRunning(each.state)) running.push(each.name);
    else over.push(each.name);
  }
  return { running, over };
}

function nameBeside({ statusName }: GitlabClient, name: string): string {
  return `${statusName}/${name}`.slice(0, 255);
}

function textOf({ url, description }: Pick<NamedStatus, 'url' | 'description'>) {
  return { targetUrl: url.slice(0, 255), description: description.slice(0, 255) };
}

function isRunning(state: CommitState): boolean {
  return state === 'pending' || state === 'running';
}

/** Whether a pipeline of this status alone would be looked at: not in our project for the branch of a fork. */
function mayBegin(found: MergeRequest, { mergeRequest, state }: PostedStatus): boolean {
  return state !== 'pending' && found.source_project_id === mergeRequest.repository;
}

/** The statuses of a commit on a ref: the newest row of each name on each pipeline. */
export async function readStatuses(
  client: GitlabClient,
  repository: number,
  { sha, ref }: { sha: string; ref: string },
): Promise<CommitStatus[]> {
  // gitbeaker's type lacks `perPage`; it is sent like any other parameter.
  const options = { ref, perPage: PER_PAGE };
  return parse(z.array(commitStatus), await client.commits.allStatuses(repository, sha, options), 'statuses');
}

/** Anybody with a Developer token may post a status with our name, so the author decides too. */
export function isOurs(statusName: string, me: number, status: CommitStatus): boolean {
  const isNamed = status.name === statusName || status.name.startsWith(`${statusName}/`);
  return isNamed && status.author?.id === me;
}

type Place = Pick<StatusPlace, 'sha' | 'ref' | 'pipelineId'>;

function placeOf({ id, sha, ref }: PipelinePlace): Place {
  return { sha, ref, pipelineId: id };
}

function isAnyRunning(before: StatusPlace | undefined): before is StatusPlace {
  return before !== undefined && (before.running || (before.beside ?? []).length > 0);
}

/** Where it stood for this very head: the answer of a late call goes there, and nothing new is made. */
function known(before: StatusPlace | undefined, { sha }: PostedStatus): Place | undefined {
  if (before === undefined || before.head !== sha) return undefined;
  const { sha: at, ref, pipelineId } = before;
  return { sha: at, ref, ...(pipelineId === undefined ? {} : { pipelineId }) };
}

/** That the pipeline is gone, archived or not ours to touch any more does not matter: nobody looks at it. */
async function end(client: GitlabClient, repository: number, before: StatusPlace): Promise<void> {
  const { sha, ref, pipelineId, beside = [] } = before;
  const place = { sha, ref, ...(pipelineId === undefined ? {} : { pipelineId }) };
  const names = beside.map((name) => nameBeside(client, name));
  if (before.running) names.push(client.statusName);
  for (const name of names) await unlessRefused(() => post(client, repository, place, 'canceled', { name }));
}

/** False when GitLab refused for good. */
async function unlessRefused(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (!hasStatus(error, 400, 403, 404, 422)) throw error;
    return false;
  }
}

/** The pipeline the status stands on; `undefined` when GitLab refused a repetition, which is none to us. */
async function post(
  client: GitlabClient,
  repository: number,
  { sha, ref, pipelineId }: Place,
  state: CommitState,
  text: { name: string; targetUrl?: string; description?: string },
): Promise<number | undefined> {
  const named = pipelineId === undefined ? {} : { pipelineId };
  const options = { ref, ...text, ...named };
  for (let tried = 1; ; tried += 1) {
    try {
      const answer = await client.commits.editStatus(repository, sha, state, options);
      return parse(commitStatus, answer, 'status').pipeline_id ?? undefined;
    } catch (error) {
      if (isRepetition(error)) return undefined;
      // "Another update to this commit status is in progress": one at a time per commit.
      if (!hasStatus(error, 409) || tried === TRIES) throw error;
      await pause(100 * 2 ** tried * (0.5 + Math.random() / 2));
    }
  }
}

function isRepetition(error: unknown): boolean {
  return hasStatus(error, 400) && /Cannot transition status via/i.test(error.message);
}
