import { expect, test } from 'vitest';
import type { PostedStatus, StatusPlace } from '#app/ports/code-host.ts';
import type { Change } from '#domain/change.ts';
import { followPipeline, publishStatus } from '#workers/publish-status.ts';
import type { Job, WorkerContext } from '#workers/context.ts';
import { project, sampleChange } from '../messages/sample-change.ts';

const change = sampleChange({ projects: [project('net', 'awaiting-approval')] });

/** A code host whose head has a pipeline, and our own notes of what was published; `during` happens while a status is set. */
function world(options: { pipelineId: number; during: (context: WorkerContext) => Promise<void> }) {
  const notes = new Map<string, { hash: string; ref: unknown }>();
  const host = { pipelineId: options.pipelineId, set: [] as number[], requested: 0 };
  let { during } = options;
  const context = {
    ledger: {
      change: async (): Promise<Change> => change,
      published: async (_: string, kind: string) => notes.get(kind),
      setPublished: async (_: string, kind: string, published: { hash: string; ref: unknown }) => {
        notes.set(kind, published);
      },
    },
    desk: {
      request: async () => {
        host.requested += 1;
      },
    },
    conversation: {
      putStatus: async ({ sha, ref, state }: PostedStatus): Promise<StatusPlace> => {
        const { pipelineId } = host;
        host.set.push(pipelineId);
        const next = during;
        during = async () => undefined;
        await next(context);
        return { head: sha, sha, ref, pipelineId, running: state === 'running' };
      },
    },
    settings: { externalUrl: 'https://countersign.test' },
  } as unknown as WorkerContext;
  return { context, host };
}

const job = { changeId: change.id } as Job<object>;

test('a status follows onto a pipeline that is heard of while it is being set on the one before', async () => {
  const { context, host } = world({
    pipelineId: 1,
    during: async () => {
      host.pipelineId = 2;
      await followPipeline(context, change.id, 2);
    },
  });
  await publishStatus(context, job);
  expect(host.requested).toBe(1);
  await publishStatus(context, job);
  expect(host.set).toEqual([1, 2]);
  // There it stands: hearing of it again sets nothing.
  await followPipeline(context, change.id, 2);
  await publishStatus(context, job);
  expect(host.set).toEqual([1, 2]);
});
