import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { runMigrations } from 'bullmq';
import pg from 'pg';
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
  const run = randomBytes(4).toString('hex');
  const external = process.env['DATABASE_URL'];
  const server = external ? undefined : await startPostgres({ durable: false });
  const adminUrl = external ?? server?.url('postgres') ?? '';
  const cluster = {
    adminUrl,
    template: `countersign_test_${run}`,
    role: `countersign_service_${run}`,
    password: randomBytes(16).toString('hex'),
  };
  try {
    await createTemplate(cluster);
  } catch (error) {
    await server?.stop();
    throw error;
  }
  const stop = (): Promise<void> => (server ? server.stop() : removeFromExternal(cluster));
  return { cluster, stop };
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
export async function execute(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client(url);
  client.on('error', () => undefined); // The statement under way is rejected as well.
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
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
  await migrateQueue(url);
}

async function migrateQueue(url: string): Promise<void> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    await runMigrations(client);
  } finally {
    await client.end();
  }
  await execute(
    url,
    'grant usage on schema bullmq to countersign_app',
    'grant all on all tables in schema bullmq to countersign_app',
    'grant all on all sequences in schema bullmq to countersign_app',
    'grant execute on all functions in schema bullmq to countersign_app',
  );
}

async function removeFromExternal({ adminUrl, template, role }: TestCluster): Promise<void> {
  await execute(adminUrl, `drop database if exists ${template} with (force)`, `drop role if exists ${role}`);
}
