import { expect, test } from 'vitest';
import { remembering, sharing, together } from '#adapters/git/answers.ts';

test('a question is asked once while its answer is among the last, and again after a failure', async () => {
  const remember = remembering<string>(2);
  const asked: string[] = [];
  const ask = (question: string) =>
    remember(question, async () => {
      asked.push(question);
      if (asked.length === 1) throw new Error('away');
      return question.toUpperCase();
    });
  await expect(ask('a')).rejects.toThrow('away');
  expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual(['A', 'A', 'B']);
  await ask('a');
  // The third pushes out the one that was not asked for longest.
  await ask('c');
  await ask('a');
  await ask('b');
  expect(asked).toEqual(['a', 'a', 'b', 'c', 'b']);
});

test('an answer on its way is for all who ask meanwhile, and for nobody later', async () => {
  const share = sharing<number>();
  let times = 0;
  const ask = () => share('how often', async () => (times += 1));
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  expect(await ask()).toBe(2);
});

test('questions of one moment are put as one, and each gets its own answer or the common failure', async () => {
  const rounds: string[][] = [];
  const ask = together(async (questions: readonly string[]) => {
    rounds.push([...questions]);
    if (questions.includes('bad')) throw new Error('away');
    return questions.map((question) => (question === 'none' ? undefined : `${question}!`));
  });
  expect(await Promise.all([ask('a'), ask('none'), ask('b')])).toEqual(['a!', undefined, 'b!']);
  const failing = await Promise.allSettled([ask('bad'), ask('c')]);
  expect(failing.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await ask('c')).toBe('c!');
  expect(rounds).toEqual([['a', 'none', 'b'], ['bad', 'c'], ['c']]);
});
