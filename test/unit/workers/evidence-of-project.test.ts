import { expect, test } from 'vitest';
import { Fault } from '#domain/fault.ts';
import type { WorkerContext } from '#workers/context.ts';
import { projectEvidence } from '#workers/evidence-of-project.ts';
import { situation } from '../gates/evidence.ts';

test('the state is asked for with the credentials of a plan: the code that says where it is may not be approved yet', async () => {
  const { subject } = situation();
  const { change, project, plan } = subject;
  if (project.status !== 'gating') throw new Error(project.status);
  const phases: string[] = [];
  const nothing = async () => {
    throw new Fault('nothing', 'not of interest here', { retryable: false });
  };
  const context = {
    ledger: { hold: async () => undefined, planFiles: async () => [], planRuns: async () => [] },
    planStore: { get: async () => Buffer.from('bundle') },
    source: { fetch: nothing, pathIds: nothing },
    settings: {
      limits: () => undefined,
      credentials: async (_repository: number, _dir: string, phase: string) => {
        phases.push(phase);
        return { environment: {}, secrets: [] };
      },
    },
    terraform: { readState: async () => plan.state, version: nothing },
  } as unknown as WorkerContext;
  const unseen = { seen: false, why: 'not of interest here' } as const;
  const { state } = await projectEvidence(context, change, project, { target: unseen, catalogue: unseen });
  expect(state).toEqual({ seen: true, value: plan.state });
  expect(phases).toEqual(['plan']);
});
