import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import type { RunLimits } from '#app/ports/terraform.ts';
import { Fault } from '#domain/fault.ts';
import { askGates, askingTakesMs, toVerdict } from '#workers/ask-gates.ts';
import type { WorkerContext } from '#workers/context.ts';
import { situation } from '../gates/evidence.ts';

/** What a worker has; each look at another system takes a minute, and comes to nothing. */
function slow(): { context: WorkerContext; looks: () => number } {
  let minutes = 0;
  let looks = 0;
  const nothing = async () => {
    looks += 1;
    minutes += 1;
    throw new Fault('nothing', 'not of interest here', { retryable: false });
  };
  const everything = new Proxy({}, { get: () => nothing });
  const context = {
    ledger: new Proxy(
      { now: async () => new Date(Date.parse('2026-03-01T12:00:00Z') + minutes * 60_000).toISOString() },
      { get: (target, name) => Reflect.get(target, name) ?? nothing },
    ),
    directory: { read: async () => ({ people: [], unseen: [] }) },
    settings: { ticketBot: 'bot', gates: situation().change.settings },
    codeHost: everything,
    ticketing: everything,
    releaseDesk: everything,
    source: everything,
    catalogue: everything,
    planStore: everything,
    terraform: everything,
    checks: everything,
  };
  return { context: context as unknown as WorkerContext, looks: () => looks };
}

test('what gates saw is as old as the first look at anything, and they say which approval they judged', async () => {
  const { change, project } = situation().subject;
  if (project.status !== 'gating') throw new Error(project.status);
  const { context, looks } = slow();
  const [asked] = await askGates(context, change, [project]);
  if (asked === undefined) throw new Error('nothing was asked');
  expect(looks()).toBeGreaterThan(5);
  expect(toVerdict(asked)).toMatchObject({
    go: false,
    lookedAt: '2026-03-01T12:00:00.000Z',
    approval: { kind: 'decided', moves: ['m2'] },
  });
});

test('what nobody asks about any more by its turn is left out', async () => {
  const { change, project } = situation().subject;
  if (project.status !== 'gating') throw new Error(project.status);
  const projects = ['a', 'b', 'c'].map((key) => ({ ...project, key }));
  const asked = await askGates(slow().context, change, projects, async ({ key }) => key !== 'b');
  expect(asked.map((each) => each.project.key)).toEqual(['a', 'c']);
});

test('asking may take longer the more projects there are and the longer a state may take', () => {
  const takes = (projects: number, seconds = 60) =>
    askingTakesMs({ limits: () => ({ wallMs: seconds * 1000 }) as RunLimits }, projects);
  expect(takes(1)).toBeGreaterThan(2 * 60_000);
  expect(takes(1, 300) - takes(1)).toBe(2 * 240_000);
  // All of them slow, one core: so many at a time.
  const rounds = (takes(400) - takes(0)) / (takes(1) - takes(0));
  expect(rounds).toBe(Math.ceil(400 / (2 * availableParallelism())));
});
