import { expect, test } from 'vitest';
import { mapAtMost } from '#workers/at-most.ts';

test('work is done so many at a time, each item once, and the answers come in their order', async () => {
  let now = 0;
  let most = 0;
  const answers = await mapAtMost(3, [5, 1, 4, 2, 3, 0], async (item) => {
    now += 1;
    most = Math.max(most, now);
    for (let i = 0; i < item; i += 1) await Promise.resolve();
    now -= 1;
    return item * 10;
  });
  expect(answers).toEqual([50, 10, 40, 20, 30, 0]);
  expect(most).toBe(3);
  expect(await mapAtMost(3, [], async () => 1)).toEqual([]);
});

test('the first failure is the answer', async () => {
  const work = async (item: number) => {
    if (item === 2) throw new Error('no');
    return item;
  };
  await expect(mapAtMost(2, [1, 2, 3], work)).rejects.toThrow('no');
});
