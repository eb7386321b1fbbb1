import { describe, expect, test } from 'vitest';
import type { Catalogue } from '#app/ports/project-catalogue.ts';
import type { StateBinding } from '#app/ports/terraform.ts';
import { DEFAULT_DEMAND, type Demand } from '#domain/demand.ts';
import { Fault } from '#domain/fault.ts';
import type { WorkerContext } from '#workers/context.ts';
import { projectEvidence } from '#workers/evidence-of-project.ts';
import { situation } from '../gates/evidence.ts';

/** What is seen of the state where a look at it comes to this, and the phases whose credentials and limits it had. */
async function stateSeen(readState: () => Promise<StateBinding>) {
  const { change, project } = situation().subject;
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
      limits: (phase: string) => void phases.push(phase),
      credentials: async (_repository: number, _dir: string, phase: string) => {
        phases.push(phase);
        return { environment: {}, secrets: [] };
      },
    },
    terraform: { readState, version: nothing },
  } as unknown as WorkerContext;
  const unseen = { seen: false, why: 'not of interest here' } as const;
  const { state } = await projectEvidence(
    context,
    change,
    project,
    { target: unseen, catalogue: unseen },
    { people: [], unseenSources: [] },
  );
  return { state, phases };
}

test('the state is asked for with the credentials of a plan, since the code that says where it is may not be approved yet, and for a moment only', async () => {
  const { state: bound } = situation().subject.plan;
  const { phases, state } = await stateSeen(async () => bound);
  expect(state).toEqual({ seen: true, value: bound });
  expect(phases).toEqual(['plan', 'state']);
});

test('a state that could not be read in time is not seen, with the reason', async () => {
  const why = 'the state could not be read: its backend did not answer in time';
  const { state } = await stateSeen(async () => {
    throw new Fault('state-unreadable', why, { retryable: true });
  });
  expect(state).toEqual({ seen: false, why });
});

describe('the tier that a plan has by now', () => {
  const { subject } = situation();
  const { change, project } = subject;
  const GRAVER = { ...DEFAULT_DEMAND, tier: 'high', rank: 1 };
  const nothing = async () => {
    throw new Fault('nothing', 'not of interest here', { retryable: false });
  };

  /** What is seen of it while the directory tells of these parts that they did not answer. */
  async function demandNow(decided: Demand, unseenSources: { source: string; why: string }[]) {
    if (project.status !== 'gating') throw new Error(project.status);
    const context = {
      ledger: { hold: nothing, planFiles: async () => [{ planJson: '{}' }], now: async () => 'now' },
      planStore: { get: nothing },
      source: { fetch: nothing, pathIds: nothing },
      checks: { evaluate: async () => [] },
      calendar: { at: () => ({}) },
      tiers: { decide: async () => decided },
      terraform: { version: nothing },
    } as unknown as WorkerContext;
    const catalogue = {
      projects: [{ target: { key: project.key }, settings: { tier: 'normal', labels: {} } }],
      repository: {},
      rules: [],
      tierRules: [],
    } as unknown as Catalogue;
    const live = { target: { seen: false, why: '' }, catalogue: { seen: true, value: catalogue } } as const;
    return (await projectEvidence(context, change, project, live, { people: [], unseenSources })).demand;
  }
  const silent = [{ source: 'ldap.example.com', why: 'no answer' }];

  test('is not known while it only seems graver, since a part of the directory is silent', async () => {
    expect(await demandNow(GRAVER, [])).toEqual({ seen: true, value: GRAVER });
    expect(await demandNow(GRAVER, silent)).toEqual({
      seen: false,
      why: expect.stringContaining('ldap.example.com'),
    });
  });

  test('is known where it is no graver without that part', async () => {
    expect(await demandNow(DEFAULT_DEMAND, silent)).toEqual({ seen: true, value: DEFAULT_DEMAND });
  });
});
