import { expect, test } from 'vitest';
import { effectKeys, type Progress } from '#domain/effect-keys.ts';

/** When the note is written (s), as the outbox waits and coalesces, while a change comes to these points. */
function writes(points: readonly { at: number; progress: Partial<Progress> }[]): number[] {
  const told: number[] = [0];
  let due: number | undefined;
  for (const { at, progress } of points) {
    if (due !== undefined && due <= at) {
      told.push(due);
      due = undefined;
    }
    const wait = paceOf({ projects: 0, underway: 0, turned: false, ticketing: false, ...progress }) / 1_000;
    due = Math.min(due ?? Number.POSITIVE_INFINITY, Math.max(at, (told.at(-1) ?? 0) + wait));
  }
  return due === undefined ? told : [...told, due];
}

/** So many plans that end one after another, and the ticket's way to review. */
function planning(projects: number, secondsEach: number) {
  const plans = Array.from({ length: projects }, (_, i) => ({
    at: (i + 1) * secondsEach,
    progress: {
      projects,
      underway: projects - i - 1,
      turned: i === projects - 1,
      ticketing: i === projects - 1,
    },
  }));
  const end = projects * secondsEach;
  return [
    ...plans,
    { at: end + 0.1, progress: { projects, ticketing: true } },
    { at: end + 2, progress: { projects } },
  ];
}

function paceOf(progress: Progress): number {
  return effectKeys('chg', { type: 'publish-note' }, progress).paceMs ?? 0;
}

test.each([0.2, 0.5, 2, 10, 30])(
  'two hundred plans that end every %s s make at most five edits of the note, and its review is told at once',
  (secondsEach) => {
    const [, ...edits] = writes(planning(200, secondsEach));
    expect(edits.length).toBeGreaterThanOrEqual(2);
    expect(edits.length).toBeLessThanOrEqual(5);
    expect(edits.at(-1)).toBeLessThanOrEqual(200 * secondsEach + 2.2);
  },
);

test('what all but the last project came to is told within half a minute, however long the last one takes', () => {
  expect(paceOf({ projects: 200, underway: 1, turned: false, ticketing: false })).toBeLessThanOrEqual(30_000);
});

test('a project alone, and a few, are told as they come', () => {
  expect(writes(planning(1, 3))).toEqual([0, 3, 3.2, 5]);
  expect(writes(planning(3, 3)).length).toBeGreaterThanOrEqual(4);
});

test('a turn of a change of many is told within seconds', () => {
  expect(paceOf({ projects: 200, underway: 180, turned: true, ticketing: false })).toBeLessThanOrEqual(3_000);
});
