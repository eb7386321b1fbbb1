import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkSchema } from '#store/check-schema.ts';
import { applyMigrations } from '#store/migrate.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';

let database: TestDatabase;
let directory: string;
let admin: pg.Client;
let service: pg.Pool;

beforeEach(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(path.join(tmpdir(), 'countersign-migrations-'));
  admin = new pg.Client(database.adminUrl);
  await admin.connect();
  // A database that has never been migrated, whatever the template brought along.
  await admin.query(
    'drop schema public cascade; create schema public; grant usage on schema public to public',
  );
  service = new pg.Pool({ connectionString: database.url });
  service.on('error', () => undefined);
});

afterEach(async () => {
  await admin.end();
  await service.end();
  await database.drop();
  await rm(directory, { recursive: true });
});

const write = (file: string, sql: string): Promise<void> => writeFile(path.join(directory, file), sql);
const migrate = (): Promise<string[]> => applyMigrations(database.adminUrl, directory);
const tables = async (): Promise<string[]> => {
  const { rows } = await admin.query(
    `select tablename from pg_tables where schemaname = 'public' order by 1`,
  );
  return rows.map((row) => row.tablename);
};

describe('migrating', () => {
  test('applies the files in the order of their numbers, once', async () => {
    await write('0002_second.sql', 'alter table first add column b int;');
    await write('0001_first.sql', 'create table first (a int);');
    expect(await migrate()).toEqual(['0001_first.sql', '0002_second.sql']);
    expect(await migrate()).toEqual([]);
    await write('0003_third.sql', 'alter table first add column c int;');
    expect(await migrate()).toEqual(['0003_third.sql']);
  });

  test('leaves nothing of a file that fails, keeps those before it, and names file and line', async () => {
    await write('0001_first.sql', 'create table first (a int);');
    await write('0002_second.sql', 'create table second (a int);\ncreate table third (a nonsense);\n');
    await expect(migrate()).rejects.toThrow('0002_second.sql:2: type "nonsense" does not exist');
    expect(await tables()).toEqual(['first', 'schema_migrations']);
  });

  test('refuses a file that was edited after it had been applied', async () => {
    await write('0001_first.sql', 'create table first (a int);');
    await migrate();
    await write('0001_first.sql', 'create table first (a bigint);');
    await expect(migrate()).rejects.toThrow('0001_first.sql was edited after it had been applied');
  });

  test('refuses two files of one number and a file without one', async () => {
    await write('0001_first.sql', 'select 1;');
    await write('0001_other.sql', 'select 1;');
    await expect(migrate()).rejects.toThrow('0001_first.sql and 0001_other.sql have the same number');
    await rm(path.join(directory, '0001_other.sql'));
    await write('later.sql', 'select 1;');
    await expect(migrate()).rejects.toThrow('later.sql: a migration is named like');
  });

  test('several migrators at once do the work once, an index built concurrently included', async () => {
    await write('0001_first.sql', 'create table first (a int);');
    await write(
      '0002_index.sql',
      '-- no-transaction\ncreate index concurrently if not exists first_a on first (a);\n',
    );
    const applied = await Promise.all([migrate(), migrate(), migrate()]);
    expect(applied.flat().toSorted()).toEqual(['0001_first.sql', '0002_index.sql']);
    const { rows } = await admin.query(
      `select indisvalid from pg_index where indexrelid = 'first_a'::regclass`,
    );
    expect(rows).toEqual([{ indisvalid: true }]);
  });
});

describe('the check at start', () => {
  test('passes on a database migrated by this version', async () => {
    await write('0001_first.sql', 'create table first (a int);');
    await migrate();
    expect(await checkSchema(service, directory)).toEqual([]);
  });

  test('refuses a database that was never migrated, or not far enough', async () => {
    await write('0001_first.sql', 'select 1;');
    expect(await checkSchema(service, directory)).toEqual([
      'The database is empty. Run "npm run migrate" first.',
    ]);
    await migrate();
    await write('0002_second.sql', 'select 1;');
    expect(await checkSchema(service, directory)).toEqual([
      'Migration 0002_second.sql has not been applied. Run "npm run migrate" first.',
    ]);
  });

  test('lets an older program start beside newer migrations unless one is marked as breaking', async () => {
    await write('0001_first.sql', 'select 1;');
    await write('0002_addition.sql', 'select 1;');
    await migrate();
    await rm(path.join(directory, '0002_addition.sql'));
    expect(await checkSchema(service, directory)).toEqual([]);

    await write('0002_addition.sql', 'select 1;');
    await write('0003_removal.sql', '--! breaking\nselect 1;');
    await migrate();
    await rm(path.join(directory, '0003_removal.sql'));
    expect(await checkSchema(service, directory)).toEqual([
      'The database has 0003_removal.sql, which this version of Countersign does not know. Start a newer version.',
    ]);
  });

  test('refuses a role that could rewrite the audit log', async () => {
    await write('0001_first.sql', 'select 1;');
    await migrate();
    const asSuperuser = new pg.Pool({ connectionString: database.adminUrl });
    expect(await checkSchema(asSuperuser, directory)).toEqual([expect.stringContaining('a superuser')]);
    await asSuperuser.end();

    const { rows } = await service.query('select current_user as role');
    await admin.query('create schema if not exists audit');
    await admin.query(`alter schema audit owner to ${rows[0].role}`);
    expect(await checkSchema(service, directory)).toEqual([expect.stringContaining('owns the audit log')]);
  });
});
