import { olga } from './facts.ts';
import type { World } from './world.ts';

const ROUNDS = 60;

/** Everybody does their part from here on: workers succeed, gates say yes, and whoever is waited for acts. */
export function persevere(world: World): void {
  world.host.draft = false;
  if (world.host.state === 'closed') world.host.state = 'open';
  world.hint('read-merge-request');
  for (let round = 0; round < ROUNDS && !isOver(world); round++) {
    workOff(world);
    actForPeople(world);
  }
  workOff(world);
}

/** All jobs there are, and those they lead to, and every attempt to its end. */
function workOff(world: World): void {
  for (let i = 0; i < 500 && world.jobs.length + world.running.size > 0; i++) {
    world.work(0, 0);
    for (const attemptId of world.running.keys()) world.endAttempt(attemptId, 'succeeded');
  }
  if (world.jobs.length > 0)
    throw new Error(`work without end: ${world.jobs.map(({ type }) => type).join()}`);
}

function actForPeople(world: World): void {
  const { projects, release } = world.change;
  const standing = new Set(projects.map(({ status }) => status));
  if (projects.some(({ status }) => status === 'apply-interrupted')) {
    for (const { key, status } of projects) {
      const reason = 'found it applied';
      if (status === 'apply-interrupted')
        world.command({ verb: 'resolve', project: key, as: 'applied', reason }, olga);
    }
  } else if (standing.has('held')) {
    world.letGoByAnother();
  } else if (world.ticketStatus() === 'in-review') {
    world.decideOnTicket('approved');
  } else if (standing.has('ready') || standing.has('blocked')) {
    world.command({ verb: 'apply' }, olga);
  } else if (standing.has('applied-unmerged') || release.status === 'refused') {
    world.tell({ type: 'surroundings-changed', source: 'sweep', what: 'time passed' });
  } else if (NEED_A_PLAN.some((status) => standing.has(status))) {
    world.command({ verb: 'plan' }, olga);
  } else if (world.change.breakGlass?.status === 'confirmed') {
    world.tell({ type: 'surroundings-changed', source: 'sweep', what: 'time passed' });
  } else if ([...standing].every((status) => status === 'no-changes')) {
    world.host.state = 'merged';
    world.hint('read-merge-request');
  }
}

const NEED_A_PLAN = ['plan-failed', 'expired', 'rejected', 'cancelled', 'apply-failed'] as const;

/** What is applied on the merge goes on after it. */
function isOver({ change, jobs }: World): boolean {
  return (
    change.merge.status === 'merged' &&
    jobs.length === 0 &&
    change.projects.every(({ status }) => status === 'merged')
  );
}
