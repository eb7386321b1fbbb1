import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { APPROVAL_VARIABLE, rootModule, subnet } from '#test/sandbox/house/root-modules.ts';
import { sweep } from '#workers/sweep.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

// A state lies on a system of its own, which may be slow for one project and well for the next.

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop({ limits: { stateSeconds: 2 } });
}, 60_000);
afterAll(() => workshop?.close());
afterEach(() => workshop.heal());

test('a state whose backend does not answer is told, keeps no other project waiting, and is asked for again', async () => {
  const order = await workshop.propose('slow/one');
  const { gitlabUrl, scene } = workshop.house;
  const place = { gitlabUrl, project: scene.project.id, state: 'slow-two' };
  await workshop.erin.push(order.folder, {
    'slow/two/main.tf': rootModule(place, APPROVAL_VARIABLE + subnet('only', '10.9.0.0/24')),
  });
  await workshop.hint(order);
  await workshop.until(order, 'present-ticket');
  await workshop.settle(order);
  await workshop.approve(order);
  const row = await workshop.until(order, 'collect-evidence');
  await workshop.gitlabFault({
    kind: 'slow',
    ms: 60_000,
    method: 'GET',
    path: '/terraform/state/slow-one$',
    count: 10,
  });
  const begun = Date.now();
  await workshop.run(row);
  expect(Date.now() - begun).toBeLessThan(30_000);

  const [one, two] = (await workshop.change(order)).projects;
  expect(one).toMatchObject({
    key: 'slow/one',
    status: 'blocked',
    reasons: [
      {
        gate: 'plan-unchanged',
        answer: 'unknown',
        reason: expect.stringContaining('the state could not be read: its backend did not answer in time'),
      },
    ],
  });
  expect(two).toMatchObject({ key: 'slow/two', status: 'applying' });

  await workshop.heal();
  await sweep(workshop.context);
  await workshop.settle(order);
  expect((await workshop.change(order)).projects).toMatchObject([{ status: 'merged' }, { status: 'merged' }]);
}, 90_000);
