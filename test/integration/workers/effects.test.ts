import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { WorkerContext } from '#workers/context.ts';
import { isJobName, JOBS } from '#workers/jobs.ts';
import { lookAnew } from '#workers/look-anew.ts';
import { runJob } from '#workers/run-job.ts';
import { sweep } from '#workers/sweep.ts';
import { CASES } from './effect-cases.ts';
import { lookOutside } from './outside.ts';
import { openWorkshop, type Order, type Workshop } from './workshop.ts';

// Every effect is done twice, once by a worker that dies between the act and its record. The world must not be able to
// tell. With the answers to its writes lost: see effects-unanswered.test.ts.

const NAMES = Object.keys(JOBS).filter(isJobName);

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
}, 60_000);
afterAll(() => workshop?.close());
afterEach(() => workshop.heal());

test('every job has a case here', () => {
  expect(Object.keys(CASES).toSorted()).toEqual(NAMES.toSorted());
});

describe.each(NAMES)('%s', (name) => {
  const effect = CASES[name];

  test('done by a worker that died before it could record that, and done again, is done once', async () => {
    const { order, row } = await effect.prepare(workshop, `died/${name}`);
    const doomed = await workshop.lease(row);
    expect(doomed.name).toBe(name);
    await JOBS[name].run(forgetful(workshop.context), doomed.job);
    const once = await lookOutside(workshop, order);
    await workshop.expire(row);

    await workshop.run(row);
    expect(await workshop.isDone(row)).toBe(true);
    expect(await lookOutside(workshop, order)).toEqual(once);
    expect(once).toMatchObject(effect.outside);
    expect(await effect.inside?.(workshop, order)).toEqual(effect.is);

    await JOBS[name].run(workshop.context, doomed.job).catch(() => undefined);
    await workshop.run(row);
    expect(await lookOutside(workshop, order)).toEqual(once);
    expect(await effect.inside?.(workshop, order)).toEqual(effect.is);
  }, 60_000);
});

test('a note that a late worker writes over a newer one is written anew', async () => {
  const order = await workshop.propose('late/note');
  const row = await workshop.until(order, 'publish-note');
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const { conversation } = workshop.context;
  const slow: WorkerContext = {
    ...workshop.context,
    conversation: {
      ...conversation,
      putNote: async (...note) => {
        await held;
        return conversation.putNote(...note);
      },
    },
  };
  const late = runJob(slow, 'late', row);
  await workshop.leased(row);
  await workshop.expire(row);
  await workshop.settle(order);
  const [current] = await workshop.notes(order);
  letGo();
  await late;
  expect(await workshop.notes(order)).not.toEqual([current]);
  await workshop.settle(order);
  expect(await workshop.notes(order)).toEqual([current]);
}, 60_000);

describe('a ticket whose move to In review was not recorded', () => {
  test('and that was approved meanwhile is approved, and not asked about again', async () => {
    const order = await workshop.propose('unrecorded/approved');
    const { row, key } = await movedUnrecorded(order);
    await workshop.adam.move(key, 'Approved');
    await workshop.expire(row);
    await workshop.settle(order);
    expect((await lookOutside(workshop, order)).moves).toEqual(['In review', 'Approved', 'Applying', 'Done']);
  }, 60_000);

  test('is asked about again when what was decided there was about an earlier round', async () => {
    const order = await workshop.propose('on-command/unrecorded');
    await workshop.settle(order);
    await workshop.approve(order);
    await workshop.settle(order);
    const { ticket } = await workshop.change(order);
    if (ticket.status !== 'open') throw new Error('no open ticket');
    await workshop.adam.move(ticket.key, 'In review');
    await workshop.hintTicket(order);
    const row = await workshop.until(order, 'present-ticket');
    await workshop.adam.move(ticket.key, 'Approved');
    await workshop.run(row);
    const { moves } = await lookOutside(workshop, order);
    expect(moves.slice(-3)).toEqual(['Approved', 'Requested', 'In review']);
  }, 60_000);
});

describe('what waits for its time', () => {
  const early = async (folder: string) => {
    const order = await workshop.propose(folder);
    await workshop.settle(order);
    await workshop.approve(order);
    const past = '2026-01-01T00:00:00Z';
    const window = {
      gate: 'change-window',
      answer: 'no',
      reason: 'it waits',
      remedy: '',
      until: past,
    } as const;
    const evaluation = await workshop.until(order, 'collect-evidence');
    await workshop.gatesSay(order, evaluation, { reasons: [window], turnsAt: past });
    await workshop.forget(order, 'wake-change');
    await workshop.settle(order);
    expect((await workshop.change(order)).projects.map(({ status }) => status)).toEqual(['blocked']);
    return order;
  };

  test('is found by the sweep when the job that was to wake it is lost, and is then applied by itself', async () => {
    const order = await early('early/lost');
    await sweep(workshop.context);
    await workshop.settle(order);
    expect((await lookOutside(workshop, order)).merged).toBe(true);
  }, 60_000);

  test('is judged by the configuration of a process that has just started', async () => {
    const order = await early('early/anew');
    await lookAnew(workshop.context);
    expect((await workshop.openJobs(order)).map(({ effect }) => effect)).toEqual(
      expect.arrayContaining(['collect-evidence', 'publish-note']),
    );
  }, 60_000);
});

/** The ticket is in review, and the worker that put it there died before it could record that. */
async function movedUnrecorded(order: Order): Promise<{ row: number; key: string }> {
  const row = await workshop.until(order, 'present-ticket');
  const { job } = await workshop.lease(row);
  await JOBS['present-ticket'].run(workshop.context, job);
  const { ticket } = await workshop.change(order);
  if (ticket.status !== 'open') throw new Error('no open ticket');
  return { row, key: ticket.key };
}

/** The books of a worker that dies after its act: what it would have written there never arrives. */
function forgetful(context: WorkerContext): WorkerContext {
  const { ledger } = context;
  return {
    ...context,
    ledger: {
      ...ledger,
      endDelivery: async () => undefined,
      setPublished: async (changeId, kind, published) =>
        // What is noted before the act is noted; what follows it is lost.
        published.hash === '' ? ledger.setPublished(changeId, kind, published) : undefined,
    },
  };
}
