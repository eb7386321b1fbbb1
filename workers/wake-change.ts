import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

/**
 * The time has come at which a gate's answer turns by itself: a window opens or closes, a freeze begins or ends. The gates
 * of what waits for it are asked again, and what was approved is applied if all of them say yes.
 */
export async function wakeChange(context: WorkerContext, job: Job<{ at: string }>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  if (!change.projects.some(({ status }) => status === 'blocked' || status === 'ready')) return undefined;
  const what = `it is ${job.payload.at}`;
  return { fact: { type: 'surroundings-changed', source: 'clock', what } };
}
