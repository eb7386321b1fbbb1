import { expect, test } from 'vitest';
import { effectKeys, type Progress } from '#domain/effect-keys.ts';

/** When the note is written (s) while so many projects end one after another, as the outbox waits and coalesces. */
function writes(projects: number, secondsEach: number): number[] {
  const told: number[] = [0];
  let due: number | undefined;
  for (let ended = 1; ended <= projects; ended += 1) {
    const now = ended * secondsEach;
    if (due !== undefined && due <= now) {
      told.push(due);
      due = undefined;
    }
    const wait = paceOf({ projects, underway: projects - ended, turned: ended === projects }) / 1_000;
    due = Math.min(due ?? Number.POSITIVE_INFINITY, Math.max(now, (told.at(-1) ?? 0) + wait));
  }
  return due === undefined ? told : [...told, due];
}

function paceOf(progress: Progress): number {
  return effectKeys('chg', { type: 'publish-note' }, progress).paceMs ?? 0;
}

test.each([0.2, 0.5, 2, 10, 30])(
  'two hundred plans that end every %s s make at most five edits of the note, and the last is told at once',
  (secondsEach) => {
    const [, ...edits] = writes(200, secondsEach);
    expect(edits.length).toBeGreaterThanOrEqual(2);
    expect(edits.length).toBeLessThanOrEqual(5);
    expect(edits.at(-1)).toBeLessThanOrEqual(200 * secondsEach + 0.2);
  },
);

test('what all but the last project came to is told within half a minute, however long the last one takes', () => {
  expect(paceOf({ projects: 200, underway: 1, turned: false })).toBeLessThanOrEqual(30_000);
});

test('a project alone, and a few, are told as they come', () => {
  expect(writes(1, 3)).toEqual([0, 3]);
  expect(writes(3, 3).length).toBeGreaterThanOrEqual(3);
});

test('a turn of a change of many is told within seconds', () => {
  expect(paceOf({ projects: 200, underway: 180, turned: true })).toBeLessThanOrEqual(3_000);
});
