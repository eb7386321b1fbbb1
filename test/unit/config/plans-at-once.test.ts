import { expect, it } from 'vitest';
import { plansAtOnce } from '#src/config.ts';

const gib = 1024 ** 3;
const rest = { applies: 4, effects: 8, leaseSeconds: 20, attemptSilentSeconds: 60 };

it.each([
  ['one for each core where nothing is said', {}, 8, 8],
  ['two on a single core, since plans wait for the network too', {}, 1, 2],
  ['as many as are configured', { plans: 3 }, 8, 3],
  ['no more than there is memory for', { plansMemoryBytes: 5 * gib, planMemoryBytes: 2 * gib }, 8, 2],
  ['at least one, however little memory', { plans: 4, plansMemoryBytes: gib / 2 }, 8, 1],
])('plans at once are %s', (_what, workers, cores, expected) => {
  expect(plansAtOnce({ ...rest, planMemoryBytes: gib, ...workers }, cores)).toBe(expected);
});
