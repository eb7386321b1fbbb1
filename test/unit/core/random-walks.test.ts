import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Command } from '#domain/command.ts';
import { mara, olga, otto, peter, stranger } from './facts.ts';
import { persevere } from './persevere.ts';
import { Witness } from './witness.ts';
import { type Event, World } from './world.ts';

/** On a busy machine these walks take their time. */
const LONG = { timeout: 60_000 };

/** Something that happens next, and two dice for how; a luck of 0 is the best. */
type Happening = readonly [what: keyof typeof WEIGHTS, which: number, luck: number];

/** How often what happens: mostly the work goes on, so that walks get far enough to go wrong late. */
const WEIGHTS = {
  work: 60,
  'attempt-ends': 8,
  approve: 8,
  apply: 4,
  command: 2,
  'break-glass': 2,
  confirm: 2,
  plan: 3,
  push: 1,
  hint: 3,
  surroundings: 2,
  twice: 4,
  reject: 1,
  'take-back': 1,
  expire: 1,
  lose: 1,
  draft: 1,
  close: 1,
  reopen: 1,
  'merge-by-hand': 1,
  'taken-by-another': 2,
  'let-go-by-another': 2,
} as const;

const what = fc.oneof(
  ...entriesOf(WEIGHTS).map(([name, weight]) => ({ arbitrary: fc.constant(name), weight })),
);
const luck = fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, { arbitrary: fc.nat(60), weight: 1 });
const walks = fc.array(fc.tuple(what, fc.nat(30), luck), { minLength: 1, maxLength: 200, size: 'max' });

test(
  'whatever happens in whatever order, nothing unapproved is applied, nothing twice, nothing is forgotten',
  LONG,
  () => {
    let steps = 0;
    const told = new Set<string>();
    fc.assert(
      fc.property(walks, (walk) => {
        const world = walkThrough(walk);
        steps += world.history.length;
        for (const { type } of world.history) told.add(type);
      }),
      { numRuns: 300, seed: 20_261_101 },
    );
    expect(steps).toBeGreaterThan(5_000);
    expect([...told]).toEqual(
      expect.arrayContaining([
        'debt-judged',
        'ticket-prepared',
        'attempt-lost',
        'release-tagged',
        'merged',
        'merge-refused',
        'project-held',
      ]),
    );
  },
);

test(
  'from wherever a change got to, doing the work and asking the people brings it to its merge',
  LONG,
  () => {
    fc.assert(
      fc.property(walks, (walk) => {
        const world = walkThrough(walk);
        persevere(world);
        expect(world.change.merge.status).toBe('merged');
        expect(new Set(world.change.projects.map(({ status }) => status))).toEqual(
          new Set(world.change.projects.length === 0 ? [] : ['merged']),
        );
      }),
      { numRuns: 200, seed: 20_261_102 },
    );
  },
);

function walkThrough(walk: readonly Happening[]): World {
  const witness = new Witness();
  const trail: string[] = [];
  const world = new World((event) => {
    trail.push(toldIn(event));
    witness.watch(event);
  });
  world.push('a', ['app', 'db']);
  try {
    for (const [happening, which, dice] of walk) happen(world, happening, which, dice);
  } catch (error) {
    throw new Error(`${String(error)}\nafter\n${trail.join('\n')}`, { cause: error });
  }
  return world;
}

/** One line of what happened, for whoever looks at a walk that went wrong. */
function toldIn({ fact, decision: { change, effects } }: Event): string {
  const standing = change.projects.map((project) => `${project.key} ${project.status}`);
  const ticket = change.ticket.status === 'open' ? change.ticket.review.status : change.ticket.status;
  const done = effects.map(({ type }) => type).filter((type) => !type.startsWith('publish-'));
  return `${fact.type} → ${standing.join(', ')}; ticket ${ticket}, ${change.merge.status}; ${done.join(' ')}`;
}

function happen(world: World, what: Happening[0], which: number, luck: number): void {
  const { change, host } = world;
  const project = change.projects[which % Math.max(1, change.projects.length)];
  switch (what) {
    case 'work':
      return world.work(which, luck);
    case 'attempt-ends':
      return endOne(world, which, luck);
    case 'approve':
      return world.decideOnTicket('approved');
    case 'reject':
      return world.decideOnTicket('rejected');
    case 'take-back':
      return world.decideOnTicket('in-review');
    case 'apply':
      world.command({ verb: 'apply' }, olga);
      return;
    case 'break-glass': {
      const select = which % 2 === 0 ? {} : { select: { project: which % 4 === 1 ? 'app' : 'db' } };
      world.command({ verb: 'apply', breakGlass: 'it is down', ...select }, luck % 2 === 0 ? olga : otto);
      return;
    }
    case 'confirm':
      world.command(
        { verb: 'confirm', asked: world.change.breakGlass?.noteId ?? 1 },
        luck % 2 === 0 ? otto : someone(luck),
      );
      return;
    case 'plan':
      world.command({ verb: 'plan' }, peter);
      return;
    case 'command':
      world.command(COMMANDS[which % COMMANDS.length] ?? { verb: 'help' }, someone(luck));
      return;
    case 'push':
      return world.push('abcdf'.charAt(which % 5), PROJECTS[luck % PROJECTS.length] ?? []);
    case 'draft':
      host.draft = !host.draft;
      return;
    case 'hint':
      world.hint('read-merge-request');
      world.hint('read-ticket');
      return;
    case 'surroundings':
      world.tell({ type: 'surroundings-changed', source: luck % 2 === 0 ? 'webhook' : 'sweep', what: 'it' });
      return;
    case 'expire':
      if (project !== undefined && 'plan' in project) {
        const { planRunId } = project.plan;
        world.tell({ type: 'plan-expired', project: project.key, planRunId });
      }
      return;
    case 'lose': {
      const [attemptId, key] = [...world.running][0] ?? [];
      if (attemptId === undefined || key === undefined) return;
      world.tell({ type: 'attempt-lost', project: key, attemptId, reason: 'no heartbeat' });
      return;
    }
    case 'twice': {
      const earlier = world.history.at(-1 - which);
      // A comment is taken once and a claim is unique; the database sees to both.
      if (earlier !== undefined && earlier.type !== 'command-received') world.tell(earlier);
      return;
    }
    case 'close':
      if (host.state === 'open' && luck % 3 === 0) host.state = 'closed';
      return;
    case 'reopen':
      if (host.state === 'closed') host.state = 'open';
      return;
    case 'taken-by-another':
      return world.takeForAnother(which % 2 === 0 ? 'app' : 'web');
    case 'let-go-by-another':
      return world.letGoByAnother();
    case 'merge-by-hand':
      if (host.state === 'open' && luck % 6 === 0) host.state = 'merged';
      return;
  }
}

function endOne(world: World, which: number, luck: number): void {
  const attemptId = [...world.running.keys()][which % Math.max(1, world.running.size)];
  const how = (['succeeded', 'succeeded', 'failed-clean', 'failed-partial', 'aborted'] as const)[luck % 5];
  if (attemptId !== undefined && how !== undefined) world.endAttempt(attemptId, how);
}

function someone(luck: number): typeof olga {
  return [olga, otto, peter, mara, stranger][luck % 5] ?? olga;
}

const PROJECTS = [['app', 'db'], ['app'], ['app', 'db', 'web'], ['web'], []];

const COMMANDS: readonly Command[] = [
  { verb: 'plan' },
  { verb: 'plan', select: { project: 'web' } },
  { verb: 'plan', select: { project: 'far' } },
  { verb: 'plan', select: { project: 'nowhere' } },
  { verb: 'apply', select: { project: 'app' } },
  { verb: 'apply', select: { project: 'web' } },
  { verb: 'import', select: { project: 'app' }, to: 'thing.one', id: 'one' },
  { verb: 'state-rm', select: { project: 'db' }, addresses: ['thing.two'] },
  { verb: 'status' },
  { verb: 'cancel' },
  { verb: 'help' },
  { verb: 'unknown', text: 'countersign aply' },
  { verb: 'unlock', project: 'app', reason: 'looked' },
  { verb: 'unlock', project: 'db', reason: 'looked' },
  { verb: 'unlock' },
  { verb: 'resolve', project: 'app', as: 'applied', reason: 'looked' },
  { verb: 'resolve', project: 'db', as: 'not-applied', reason: 'looked' },
  { verb: 'confirm' },
  { verb: 'rollback' },
];

function entriesOf<K extends string>(weights: Record<K, number>): [K, number][] {
  return Object.entries(weights) as [K, number][];
}
