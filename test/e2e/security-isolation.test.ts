import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Isolation } from '#app/ports/terraform.ts';
import { redactPlan } from '#domain/plan/redact.ts';
import {
  attackModule,
  BREACH,
  databaseAttack,
  plunderedByApply,
  plunderedByPlan,
  type Targets,
} from '#test/support/attack.ts';
import { type Canary, findLeaks } from '#test/support/leak-finder.ts';
import { type RedisServer, redisIsInstalled, startRedis } from '#test/support/redis.ts';
import { openStory, type Story } from '#test/support/story.ts';
import {
  type Bench,
  limits,
  plan,
  planned,
  planRequest,
  prepared,
  spawnApply,
  startBench,
} from '../integration/terraform/bench.ts';

const isRoot = process.getuid?.() === 0;
const modes: Isolation[] = isRoot ? ['uid', 'bubblewrap', 'uid+bubblewrap'] : ['bubblewrap'];
/** Room for what an attacker carries off where nothing stops him. */
const ample = { ...limits, wallMs: 120_000, outputBytes: 200_000_000, planJsonBytes: 200_000_000 };

let story: Story;
let redis: RedisServer | undefined;
let bench: Bench;
let targets: Targets;
let database: string;
/** Everything that no code in a merge request may get hold of; what its own run was given is not among it. */
let planted: { name: string; value: string; ofPhase?: 'plan' | 'apply' }[];

beforeAll(async () => {
  redis = redisIsInstalled ? await startRedis() : undefined;
  story = await openStory(redis === undefined ? {} : { redisUrl: redis.url });
  bench = await startBench();
  const neighbour = join(story.dir, 'runs', 'f0e1d2c3b4a5968778695a4b');
  await mkdir(dirname(neighbour), { recursive: true, mode: 0o711 });
  await mkdir(neighbour, { mode: 0o700 });
  await writeFile(join(neighbour, 'plan.tfplan'), 'the-plan-of-another-run', { mode: 0o600 });
  const secrets = join(story.dir, 'secrets');
  const names = await readdir(secrets);
  targets = {
    files: [
      ...names.map((name) => join(secrets, name)),
      join(story.dir, 'countersign.server.yaml'),
      join(story.dir, 'people.yaml'),
      join(neighbour, 'plan.tfplan'),
    ],
    folders: [secrets, join(story.dir, 'spool'), neighbour],
    ...(socketFolder() === undefined ? {} : { postgresSocket: `${socketFolder()}/.s.PGSQL.5432` }),
    ...(redis === undefined ? {} : { redisPort: Number(new URL(redis.url).port) }),
  };
  database = (await story.query<{ name: string }>('select current_database() as name'))[0]?.name ?? '';
  planted = [
    ...(await Promise.all(
      names.map(async (name) => {
        const ofPhase = /^state-token-(plan|apply)$/.exec(name)?.[1] as 'plan' | 'apply' | undefined;
        const value = (await readFile(join(secrets, name), 'utf8')).trim();
        return { name, value, ...(ofPhase === undefined ? {} : { ofPhase }) };
      }),
    )),
    { name: 'database password', value: inject('postgres').password },
    { name: 'address of the hooks', value: story.hooks.gitlabSegment },
    { name: 'people file', value: story.scene.players.mia.jira.accountId },
    { name: 'another run', value: 'the-plan-of-another-run' },
    ...(redis === undefined ? [] : [{ name: 'Redis password', value: new URL(redis.url).password }]),
  ];
}, 90_000);

afterAll(async () => {
  await story?.close();
  await bench?.close();
  await redis?.stop();
});

const notMeantFor = (phase: 'plan' | 'apply'): Canary[] => planted.filter(({ ofPhase }) => ofPhase !== phase);
const socketFolder = () => new URL(inject('postgres').adminUrl).searchParams.get('host') ?? undefined;

async function breached(): Promise<boolean> {
  const rows = await story.query('select from pg_namespace where nspname = $1', [BREACH]);
  return rows.length > 0;
}

/** The same attack in a worker of this very process, isolated as asked. */
async function attack(isolation: Isolation) {
  const worker = bench.worker({ isolation, uids: { first: 63_200, count: 20 } });
  const made = await planned(worker, planRequest(attackModule(targets), { limits: ample }));
  const loot = redactPlan(made.plan).outputs.find(({ name }) => name === 'loot')?.after;
  const apply = await prepared(worker, made.bundle, 'change-1/project/sha');
  const { lines } = await spawnApply(apply).ended;
  await apply.release();
  return {
    plan: plunderedByPlan(loot as Record<string, string>),
    apply: plunderedByApply(lines),
  };
}

const queueSaid = (found: { place: string; content: Buffer }[]) =>
  found.find(({ place }) => place === 'queue')?.content.toString() ?? '';
const placesOf = (found: { place: string }[]) => found.map(({ place }) => place);

describe('without isolation', () => {
  test('code in a merge request gets everything, the queue too: this is what the rest is about', async () => {
    const { plan: byPlan, apply: byApply } = await attack('none');
    const all = new Set(planted.map(({ name }) => name));
    for (const found of [byPlan, byApply])
      expect(new Set(findLeaks(found, planted).map(({ canary }) => canary))).toEqual(all);
    // With the password it found.
    expect(queueSaid(byApply)).toContain(redis === undefined ? '' : 'countersign:plan');
    expect(placesOf(byApply)).toContain(socketFolder() === undefined ? 'queue' : 'database-socket');
    expect(placesOf(byApply)).toContain(`writable:${join(story.dir, 'people.yaml')}`);
  });

  test('it gets into the database', async ({ skip }) => {
    const folder = socketFolder() ?? skip('the database of this run is not on this machine');
    const files = databaseAttack(folder, database);
    await plan(bench.worker({ isolation: 'none' }), planRequest(files));
    expect(await breached()).toBe(true);
    await story.query(`drop schema ${BREACH} cascade`);
  });
});

describe.each(modes)('isolated by %s', (isolation) => {
  test('code in a merge request gets nothing of the service, of its queue, of another run', async () => {
    const { plan: byPlan, apply: byApply } = await attack(isolation);
    for (const found of [byPlan, byApply]) {
      // It did look, and found itself.
      expect(placesOf(found)).toContainEqual(expect.stringMatching(/^\/proc\/\d+\/environ$/));
      expect(findLeaks(found, planted)).toEqual([]);
      expect(placesOf(found).filter((place) => place.includes(story.dir))).toEqual([]);
    }
    expect(placesOf(byApply)).not.toContain('database-socket');
    expect(queueSaid(byApply)).toMatch(redis === undefined ? /^$/ : /^-NOAUTH/);
  });

  test('it does not get into the database', async ({ skip }) => {
    const folder = socketFolder() ?? skip('the database of this run is not on this machine');
    const { outcome } = await plan(
      bench.worker({ isolation }),
      planRequest(databaseAttack(folder, database)),
    );
    expect(outcome).toMatchObject({ kind: 'failed', step: 'plan' });
    expect(await breached()).toBe(false);
  });
});

test('through the whole service: planned, approved and applied, the attack brings home only what its own run was given', async () => {
  const { iid } = await story.propose('attack', {
    'biz/dev/network/main.tf': story.module('biz-dev-network', ''),
    ...under('biz/dev/network', attackModule(targets)),
  });
  const key = await story.ticketIs(iid, 'In review');
  await story.adamInJira.move(key, 'Approved');
  const change = await story.changeIs(iid, /^(?:merged|apply-failed)$/);
  expect(change.status).toBe('merged');
  const [run] = await story.query<{ plan_json: string }>(
    'select plan_json from plan_runs where change_id = $1 and plan_json is not null',
    [change.id],
  );
  const { outputs } = JSON.parse(run?.plan_json ?? '') as RedactedOutputs;
  const loot = outputs.find(({ name }) => name === 'loot')?.after ?? {};
  const printed = await story.query<{ line: string }>(
    `select line from run_output where run_id in (select id from attempts where change_id = $1) order by seq`,
    [change.id],
  );
  const byPlan = plunderedByPlan(loot);
  const byApply = plunderedByApply(printed.map(({ line }) => line));
  for (const [phase, found] of [
    ['plan', byPlan],
    ['apply', byApply],
  ] as const) {
    expect(placesOf(found)).toContainEqual(expect.stringMatching(/^\/proc\/\d+\/environ$/));
    expect(findLeaks(found, notMeantFor(phase))).toEqual([]);
  }
  expect(placesOf(byApply)).not.toContain('database-socket');
});

interface RedactedOutputs {
  outputs: { name: string; after?: Record<string, string> }[];
}

function under(folder: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [join(folder, path), content]));
}
