import type { Conclusion, Job, WorkerContext } from './context.ts';

/** Asks the attempt's supervisor to send SIGINT: terraform then saves its state and gives the lock back. */
export async function interruptApply(
  { ledger }: WorkerContext,
  job: Job<{ attemptId: string }>,
): Promise<Conclusion> {
  await ledger.requestInterrupt(job.payload.attemptId);
  return undefined;
}
