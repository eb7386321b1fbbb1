import type { Conclusion, Job, WorkerContext } from './context.ts';

/** A plan nobody wants any more: a worker that is at it notices and stops, one that comes later does not begin. */
export async function stopPlan(
  { ledger }: WorkerContext,
  job: Job<{ planRunId: string }>,
): Promise<Conclusion> {
  await ledger.stopPlanRun(job.payload.planRunId);
  return undefined;
}
