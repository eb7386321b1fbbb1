import { randomBytes } from 'node:crypto';
import path from 'node:path';
import pg from 'pg';
import { migrateQueue } from '#adapters/queue/migrate-queue.ts';
import { applyMigrations } from '#store/migrate.ts';
import { startPostgres } from './postgres-server.ts';

/** What a test process needs in order to make databases of its own. Plain data: it crosses processes. */
export interface TestCluster {
  readonly adminUrl: string;
  readonly template: string;
  /** A login that is only a member of `countersign_app`, as in production. */
  readonly role: string;
  readonly password: string;
}

const migrationsDirectory = path.resolve(import.meta.dirname, '../../migrations');

/**
 * Prepares a server for a test run: the one at DATABASE_URL (whose role must be allowed to create databases and
 * roles), else a private one; with the service's role and a migrated template to copy databases from.
 */
export async function prepareTestCluster(): Promise<{ cluster: TestCluster; stop: () => Promise<void> }> {
  const external = process.env['DATABASE_URL'];
  if (external) {
    const cluster = newCluster(external);
    await createTemplate(cluster);
    return { cluster, stop: () => removeFromExternal(cluster) };
  }
  const server = await startPostgres({ durable: false });
  const cluster = newCluster(server.url('postgres'));
  try {
    await createTemplate(cluster);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { cluster, stop: () => server.stop() };
}

// Names of their own: an external server may see several runs at once.
function newCluster(adminUrl: string): TestCluster {
  const run = randomBytes(4).toString('hex');
  return {
    adminUrl,
    template: `countersign_test_${run}`,
    role: `countersign_service_${run}`,
    password: randomBytes(16).toString('hex'),
  };
}

/** The same server, another database, and another login where one is given. */
export function urlOf(
  cluster: TestCluster,
  database: string,
  login?: { role: string; password: string },
): string {
  const url = new URL(cluster.adminUrl);
  url.pathname = `/${database}`;
  if (login) Object.assign(url, { username: login.role, password: login.password });
  return url.href;
}

/** Runs statements one after another over a connection of their own. */
export function execute(url: string, ...statements: string[]): Promise<void> {
  return connected(url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

async function createTemplate(cluster: TestCluster): Promise<void> {
  const { adminUrl, template, role, password } = cluster;
  await execute(
    adminUrl,
    `do $$ begin create role countersign_app nologin; exception when duplicate_object then null; end $$`,
    `create role ${role} login password '${password}' in role countersign_app`,
    `create database ${template}`,
  );
  const url = urlOf(cluster, template);
  await applyMigrations(url, migrationsDirectory);
  await connected(url, migrateQueue);
}

async function connected(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(url);
  client.on('error', () => undefined); // What is under way is rejected as well.
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

async function removeFromExternal({ adminUrl, template, role }: TestCluster): Promise<void> {
  await execute(adminUrl, `drop database if exists ${template} with (force)`, `drop role if exists ${role}`);
}
