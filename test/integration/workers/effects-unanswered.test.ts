import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isJobName, JOBS } from '#workers/jobs.ts';
import { CASES } from './effect-cases.ts';
import { lookOutside } from './outside.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

// Every effect is done with the answer to each of its writes lost, and tried again until it is done. The world must not
// be able to tell.

const NAMES = Object.keys(JOBS).filter(isJobName);
const MOST_TRIES = 8;

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
}, 60_000);
afterAll(() => workshop?.close());
afterEach(() => workshop.heal());

describe.each(NAMES.filter((name) => CASES[name].writes !== undefined))('%s', (name) => {
  const effect = CASES[name];

  test('whose writes are done and never answered is done once', async () => {
    const { order, row } = await effect.prepare(workshop, `unanswered/${name}`);
    const writes = effect.writes ?? [];
    for (const { at, method, path } of writes) {
      if (at === 'gitlab') await workshop.gitlabFault({ kind: 'reset-after', method, path });
      else await workshop.jiraFault({ kind: 'reset-after-write', method, path });
    }
    const before = await workshop.struck();
    for (let tries = 0; tries < MOST_TRIES && !(await workshop.isDone(row)); tries++) await workshop.run(row);
    expect(await workshop.isDone(row)).toBe(true);
    expect((await workshop.struck()) - before).toBe(writes.length);
    expect(await lookOutside(workshop, order)).toMatchObject(effect.outside);
    expect(await effect.inside?.(workshop, order)).toEqual(effect.is);
  }, 60_000);
});
