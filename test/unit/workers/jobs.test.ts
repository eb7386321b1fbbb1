import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import type { WorkerSettings } from '#workers/context.ts';
import { JOBS } from '#workers/jobs.ts';

const settings = { limits: () => ({ wallMs: 60_000 }) } as unknown as WorkerSettings;
const asked = (count: number) => ({
  projects: Array.from({ length: count }, (_, n) => ({ key: `p${n}`, evaluationId: `e${n}` })),
});

test('several hundred projects with slow states are looked at within the time of one job', () => {
  const takes = (payload: object) => JOBS['collect-evidence'].timeLimitMs(settings, payload);
  const rounds = Math.ceil(400 / (2 * availableParallelism()));
  // A state that is slow has a minute to wait for its folder and one to be read.
  expect(takes(asked(400))).toBeGreaterThan(rounds * 120_000);
  // What cannot be read is refused at once.
  expect(takes({ projects: 'all of them' })).toBe(60_000);
});

test('whatever looks at a state has more time than that may take', () => {
  for (const name of ['collect-evidence', 'run-apply', 'answer-question'] as const) {
    const payload =
      name === 'collect-evidence'
        ? asked(1)
        : { project: 'p', attemptId: 'a', noteId: 1, question: 'why', projects: ['p'] };
    expect(JOBS[name].timeLimitMs(settings, payload), name).toBeGreaterThan(120_000);
  }
});
