import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';

/*
 * Writes src/store/database-types.ts from a migrated database, so that the types of every query follow the SQL. A test
 * compares the file with the migrations; `npm run db:types` writes it anew.
 */

const databaseTypesFile = path.resolve(import.meta.dirname, '../../src/store/database-types.ts');

interface Column {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly nullable: boolean;
  /** `true` where an insert may leave it out. */
  readonly optional: boolean;
  /** `true` where nobody may write it. */
  readonly generated: boolean;
}

/** The text of `database-types.ts` for the database at `url`. Its owner must ask: others do not see every table. */
export async function renderDatabaseTypes(url: string): Promise<string> {
  const tables = Map.groupBy(await readColumns(url), ({ schema, table }) =>
    schema === 'public' ? table : `${schema}.${table}`,
  );
  const interfaces = [...tables].map(
    ([table, columns]) =>
      `export interface ${interfaceName(table)} {\n${columns.map(renderColumn).join('')}}\n`,
  );
  const keys = [...tables.keys()].map((table) => `  ${quote(table)}: ${interfaceName(table)};\n`);
  const body = interfaces.join('\n');
  return [
    '// Written by `npm run db:types` from the migrations. Do not edit.\n// oxlint-disable max-lines -- as many as there are tables\n',
    body.includes('Generated') ? `import type { ${kyselyNames(body)} } from 'kysely';\n` : '',
    `${body}\nexport interface Database {\n${keys.join('')}}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Rewrites the file; used by `npm run db:types`. */
export async function writeDatabaseTypes(url: string): Promise<void> {
  writeFileSync(databaseTypesFile, await renderDatabaseTypes(url));
}

/** The file as it is in the repository. */
export function readDatabaseTypes(): string {
  return readFileSync(databaseTypesFile, 'utf8');
}

async function readColumns(url: string): Promise<Column[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<Column>(`
      select n.nspname as schema, c.relname as table, a.attname as column,
             format_type(a.atttypid, null) as type,
             not a.attnotnull as nullable,
             a.atthasdef or a.attidentity <> '' as optional,
             a.attgenerated <> '' or a.attidentity = 'a' as generated
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and not c.relispartition
      join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('public', 'audit')
      where a.attnum > 0 and not a.attisdropped
      order by n.nspname desc, c.relname, a.attnum`);
    return rows;
  } finally {
    await client.end();
  }
}

// Wide in, narrow out: what may be given for a column is not always what comes back.
const types = new Map([
  ['boolean', 'boolean'],
  ['integer', 'number'],
  ['smallint', 'number'],
  ['bigint', 'number'],
  ['double precision', 'number'],
  ['text', 'string'],
  ['character varying', 'string'],
  ['uuid', 'string'],
  ['date', 'string'],
  ['numeric', 'string'],
  ['bytea', 'Buffer'],
  ['timestamp with time zone', 'Date'],
  ['json', 'unknown'],
  ['jsonb', 'unknown'],
]);

function renderColumn({ column, type, nullable, optional, generated }: Column): string {
  const element = type.replace(/\[\]$/, '');
  const base = types.get(element);
  if (base === undefined) throw new Error(`No TypeScript type is known for the PostgreSQL type ${type}.`);
  const value = `${base}${type === element ? '' : '[]'}${nullable && base !== 'unknown' ? ' | null' : ''}`;
  const wrapped = generated ? `GeneratedAlways<${value}>` : optional ? `Generated<${value}>` : value;
  return `  ${column}: ${wrapped};\n`;
}

function kyselyNames(body: string): string {
  return ['Generated', 'GeneratedAlways'].filter((name) => body.includes(`${name}<`)).join(', ');
}

function interfaceName(table: string): string {
  const name = table.replace(/(?:^|[._])([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
  return `${name}Table`;
}

function quote(table: string): string {
  return table.includes('.') ? `'${table}'` : table;
}
