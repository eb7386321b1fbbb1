import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { gitlabAs, jiraAs } from '#test/sandbox/house/actors.ts';
import type { HouseSettings } from '#test/sandbox/house/configuration.ts';
import { type House, startHouse } from '#test/sandbox/house/house.ts';
import { until } from '#test/sandbox/house/http.ts';
import { execute, type TestCluster, urlOf } from '#test/support/postgres-cluster.ts';

/** A whole service with its doubles, and what measurements ask of it. */
export interface Stage extends House {
  databaseUrl: string;
  query: <T extends object>(sql: string, values?: unknown[]) => Promise<T[]>;
  erin: ReturnType<typeof gitlabAs>;
  olga: ReturnType<typeof gitlabAs>;
  adamInJira: ReturnType<typeof jiraAs>;
  /** Where `count-processes.ts` writes. */
  processes: string;
  /** Waits until the service has nothing left to do. */
  rest(): Promise<void>;
  /** Resident memory in MiB: now, and the most it ever was. */
  memory(): Promise<{ name: string; now: number; most: number }[]>;
  stopWorkers(): Promise<void>;
}

const COUNTER = join(import.meta.dirname, 'count-processes.ts');
/** A merge request of a hundred projects with a provider takes minutes. */
const LONGEST_MS = 20 * 60_000;

/** Opens a house on a fresh database of the cluster; nothing of it is left after `close`. */
export async function openStage(cluster: TestCluster, settings: HouseSettings = {}): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  await chmod(dir, 0o711);
  const name = `${cluster.template}_${randomBytes(4).toString('hex')}`;
  await execute(cluster.adminUrl, `create database ${name} template ${cluster.template}`);
  const database = { url: urlOf(cluster, name, cluster), adminUrl: urlOf(cluster, name) };
  const processes = join(dir, 'processes.jsonl');
  writeFileSync(processes, '');
  const house = await startHouse({
    projects: [{ match: '**', applyOn: 'approval' }],
    // The sweep's own calls would be counted with the others.
    sweepSeconds: 3_600,
    ...settings,
    dir,
    database,
    workers: 0,
    files: () => ({ 'README.md': 'Networks\n' }),
  });
  const worker = await house.startWorker({
    NODE_OPTIONS: `--import ${COUNTER}`,
    COUNTERSIGN_BENCH_PROCESSES: processes,
  });
  const pool = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  pool.on('error', () => undefined);
  const query = async <T extends object>(sql: string, values: unknown[] = []) =>
    (await pool.query<T>(sql, values)).rows;
  const { players } = house.scene;
  return {
    ...house,
    databaseUrl: database.url,
    query,
    processes,
    erin: gitlabAs(house, players.erin),
    olga: gitlabAs(house, players.olga),
    adamInJira: jiraAs(house, players.adam),
    async rest() {
      const open = `select 1 from outbox where done_at is null and gave_up_at is null
        union all select 1 from attempts where status in ('claimed', 'running')`;
      await until(
        'the service to have nothing to do',
        async () => ((await query(open)).length === 0 ? true : undefined),
        {
          withinMs: LONGEST_MS,
        },
      );
    },
    memory: async () => [await residentOf('worker', worker.pid)],
    stopWorkers: async () => {
      await Promise.all(house.workers.map((each) => each.stop()));
    },
    async close() {
      await house.close();
      await pool.end();
      await execute(cluster.adminUrl, `drop database if exists ${name} with (force)`);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function residentOf(name: string, pid: number): Promise<{ name: string; now: number; most: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'mu').exec(status)?.[1] ?? 0);
  return { name, now: kib('VmRSS') / 1024, most: kib('VmHWM') / 1024 };
}
