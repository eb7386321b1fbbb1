import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '#test/support/postgres-server.ts';
import type { Database } from '../house/house.ts';
import { Problem } from './problem.ts';

export interface DemoDatabase extends Database {
  /** Where it comes from, for a person: "PostgreSQL 18.4, …". */
  description: string;
  close(): Promise<void>;
}

const OLDEST_MAJOR = 15;

/**
 * A database of the demo's own with the service's login: on the server at DATABASE_URL, whose role must be allowed to
 * create databases and roles, else on a private server below `dir` that has a socket and no port.
 *
 * @throws Problem with the cause and the next thing to type
 */
export async function openDatabase(dir: string): Promise<DemoDatabase> {
  const external = process.env['DATABASE_URL'];
  if (external !== undefined && external !== '') return onServerOf(external);
  const server = await startPostgres({ directory: join(dir, 'postgres'), durable: false }).catch(
    (error: unknown) => {
      throw new Problem((error as Error).message);
    },
  );
  try {
    const made = await prepare(server.url('postgres'));
    const description = `PostgreSQL ${made.version} (${server.source}), on a private socket`;
    return { url: made.url, adminUrl: made.adminUrl, description, close: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function onServerOf(adminUrl: string): Promise<DemoDatabase> {
  const made = await prepare(adminUrl);
  return {
    url: made.url,
    adminUrl: made.adminUrl,
    description: `PostgreSQL ${made.version} at DATABASE_URL, database ${made.name}`,
    close: () =>
      connected(adminUrl, async (client) => {
        await client.query(`drop database if exists ${made.name} with (force)`);
        await client.query(`drop role if exists ${made.role}`);
      }),
  };
}

/** Makes the database, and the login that is only a member of `countersign_app`, as in production. */
async function prepare(adminUrl: string) {
  const run = randomBytes(4).toString('hex');
  const name = `countersign_demo_${run}`;
  const role = `countersign_demo_service_${run}`;
  const password = randomBytes(16).toString('hex');
  const version = await connected(adminUrl, async (client) => {
    const { rows } = await client.query<{ version: string }>(
      `select current_setting('server_version') as version`,
    );
    const found = (rows[0]?.version ?? '').split(' ')[0] ?? '';
    if (Number.parseInt(found, 10) < OLDEST_MAJOR)
      throw new Problem(`PostgreSQL ${found} at DATABASE_URL; ${OLDEST_MAJOR} or newer is needed.`);
    await client.query(
      `do $$ begin create role countersign_app nologin; exception when duplicate_object then null; end $$`,
    );
    await client.query(`create role ${role} login password '${password}' in role countersign_app`);
    await client.query(`create database ${name}`);
    return found;
  });
  return {
    name,
    role,
    version,
    url: addressOf(adminUrl, name, { username: role, password }),
    adminUrl: addressOf(adminUrl, name),
  };
}

function addressOf(
  server: string,
  database: string,
  login: { username?: string; password?: string } = {},
): string {
  return Object.assign(new URL(server), { pathname: `/${database}`, ...login }).href;
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  // What is under way is rejected as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { message, code } = error as { message: string; code?: string };
    const external = process.env['DATABASE_URL'] !== undefined;
    const remedy = external
      ? 'Correct DATABASE_URL (its role must be allowed to create databases and roles), or unset it to use a private server.'
      : 'Run the same command again; postgres.log in the demo’s folder tells more.';
    throw new Problem(
      `${external ? 'The PostgreSQL at DATABASE_URL' : 'PostgreSQL'} refused: ${message || code}. ${remedy}`,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
