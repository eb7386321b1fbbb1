import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Fault } from '#domain/fault.ts';

/*
 * Migrations are plain SQL files, applied once, in the order of their numbers, forward only. Each runs in a
 * transaction together with its row in schema_migrations. Two markers, as comments in the first lines:
 *   --! breaking        an older program must not start on a database that has this migration
 *   -- no-transaction   run alone (CREATE INDEX CONCURRENTLY): one statement, written so that it may run again
 */

export interface Migration {
  readonly version: number;
  readonly file: string;
  readonly sql: string;
  readonly checksum: string;
  readonly breaking: boolean;
  readonly transactional: boolean;
}

const lockKey = 7_326_148_021;
const lockLimitMs = 60_000;

/**
 * Applies what is missing and returns the names of the files applied, none if all was done already. Safe to run
 * from several machines at once: one does the work, the others wait for it.
 *
 * @param url connection of the role that owns the schema; never the service's own
 * @throws Fault `migration-failed` naming the file that failed or that was edited after it had been applied
 */
export async function applyMigrations(url: string, directory: string): Promise<string[]> {
  const migrations = await readMigrations(directory);
  const client = new pg.Client({ connectionString: url, application_name: 'countersign-migrate' });
  client.on('error', () => undefined); // A lost connection also rejects the query under way; that one is reported.
  await client.connect();
  try {
    await takeLock(client);
    await client.query(`create table if not exists schema_migrations (
      version    integer primary key,
      file       text not null,
      checksum   text not null,
      breaking   boolean not null,
      applied_at timestamptz not null default now())`);
    await client.query('grant select on schema_migrations to public');
    const pending = await pendingMigrations(client, migrations);
    for (const migration of pending) await apply(client, migration);
    return pending.map((migration) => migration.file);
  } finally {
    await client.end();
  }
}

/**
 * The migrations of a folder in order.
 *
 * @throws Fault `migration-failed` if a `.sql` file has no number or two have the same
 */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).toSorted();
  const migrations = await Promise.all(files.map((file) => readMigration(directory, file)));
  migrations.reduce<Migration | undefined>((before, migration) => {
    if (before?.version !== migration.version) return migration;
    throw failed(`${before.file} and ${migration.file} have the same number.`);
  }, undefined);
  return migrations;
}

async function readMigration(directory: string, file: string): Promise<Migration> {
  const number = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1];
  if (number === undefined) throw failed(`${file}: a migration is named like 0001_some_words.sql.`);
  const sql = await readFile(path.join(directory, file), 'utf8');
  const head = /^(?:--.*\n|\s*\n)*/.exec(sql)?.[0] ?? '';
  return {
    version: Number(number),
    file,
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
    breaking: sql.startsWith('--! breaking'),
    transactional: !/^-- no-transaction\s*$/m.test(head),
  };
}

// Tried again and again instead of waited for: a waiting statement holds a snapshot, and CREATE INDEX
// CONCURRENTLY waits for every snapshot, so that two migrators would wait for each other.
async function takeLock(client: pg.Client): Promise<void> {
  const deadline = Date.now() + lockLimitMs;
  while (Date.now() < deadline) {
    const { rows } = await client.query('select pg_try_advisory_lock($1) as taken', [lockKey]);
    if (rows[0]?.taken === true) return;
    await sleep(100);
  }
  throw failed(`Another migration is running on this database, for more than ${lockLimitMs / 1000} s.`);
}

async function pendingMigrations(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query('select version, checksum from schema_migrations');
  const applied = new Map<number, string>(rows.map((row) => [row.version, row.checksum]));
  for (const { version, file, checksum } of migrations) {
    if ((applied.get(version) ?? checksum) === checksum) continue;
    throw failed(`${file} was edited after it had been applied. Restore it and write a new migration.`);
  }
  return migrations.filter(({ version }) => !applied.has(version));
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  const { version, file, checksum, breaking, transactional, sql } = migration;
  try {
    if (transactional) await client.query('begin');
    await client.query(sql);
    await client.query(
      'insert into schema_migrations (version, file, checksum, breaking) values ($1, $2, $3, $4)',
      [version, file, checksum, breaking],
    );
    if (transactional) await client.query('commit');
  } catch (error) {
    if (transactional) await client.query('rollback').catch(() => undefined);
    throw failed(`${file}${describe(error, sql)}`, error);
  }
}

// PostgreSQL gives the position in characters, counted from 1.
function describe(error: unknown, sql: string): string {
  const { message, position, detail } = error as pg.DatabaseError;
  const line = position === undefined ? '' : `:${sql.slice(0, Number(position)).split('\n').length}`;
  return `${line}: ${message}${detail === undefined ? '' : ` (${detail})`}`;
}

function failed(message: string, cause?: unknown): Fault {
  return new Fault('migration-failed', message, { retryable: false, cause });
}
