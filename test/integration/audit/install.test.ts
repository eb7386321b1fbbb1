import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyMigrations } from '#store/migrate.ts';
import { type PostgresServer, startPostgres } from '#test/support/postgres-server.ts';

const migrations = path.resolve(import.meta.dirname, '../../../migrations');
let server: PostgresServer;

// A server of its own, because roles belong to the whole server.
beforeAll(async () => {
  server = await startPostgres({ durable: false });
  await query(server.url('postgres'), 'create role installer login createrole');
  await query(server.url('postgres'), 'create database first owner installer');
  await query(server.url('postgres'), 'create database second owner installer');
});

afterAll(() => server.stop());

test.each(['first', 'second'])(
  'a migration role that may only create roles installs the log in the %s database of a server',
  async (database) => {
    const url = server.url(database, 'installer');
    await applyMigrations(url, migrations);
    const { rows } = await query(
      url,
      `select nspowner::regrole::text as owner, pg_has_role('installer', 'audit_owner', 'usage') as is_owner
       from pg_namespace where nspname = 'audit'`,
    );
    expect(rows).toEqual([{ owner: 'audit_owner', is_owner: false }]);
    await expect(query(url, 'truncate audit.head')).rejects.toMatchObject({ code: '42501' });
  },
);

async function query(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}
