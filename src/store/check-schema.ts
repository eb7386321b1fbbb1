import type pg from 'pg';
import { type Migration, readMigrations } from './migrate.ts';

const oldestServer = 15;

/**
 * Looks at the database as the service will use it and returns every reason not to start, each with what to do;
 * an empty list means go. Reads only.
 */
export async function checkSchema(pool: pg.Pool, migrationsDirectory: string): Promise<string[]> {
  const { rows } = await pool.query(`select
    current_setting('server_version_num')::int / 10000 as server,
    current_user::text as role,
    (select rolsuper from pg_roles where rolname = current_user) as is_superuser,
    exists (select from pg_namespace where nspname = 'audit' and pg_has_role(nspowner, 'member')) as owns_audit,
    to_regclass('schema_migrations') is not null as is_migrated`);
  const { server, role, is_superuser, owns_audit, is_migrated } = rows[0];
  if (server < oldestServer)
    return [`PostgreSQL ${server} at DATABASE_URL; ${oldestServer} or newer is needed.`];
  if (!is_migrated) return ['The database is empty. Run "npm run migrate" first.'];
  return [
    ...roleProblems(role, is_superuser, owns_audit),
    ...(await migrationProblems(pool, migrationsDirectory)),
  ];
}

// Whoever owns the log's tables can rewrite them; the service must not be able to.
function roleProblems(role: string, isSuperuser: boolean, ownsAudit: boolean): string[] {
  if (isSuperuser)
    return [
      `DATABASE_URL connects as "${role}", a superuser. Use a role that is only a member of countersign_app.`,
    ];
  if (ownsAudit)
    return [
      `DATABASE_URL connects as "${role}", which owns the audit log. Use a role that is only a member of countersign_app.`,
    ];
  return [];
}

async function migrationProblems(pool: pg.Pool, directory: string): Promise<string[]> {
  const ours = new Map((await readMigrations(directory)).map((migration) => [migration.version, migration]));
  const { rows } = await pool.query<Applied>(
    'select version, file, checksum, breaking from schema_migrations',
  );
  const applied = new Set(rows.map((row) => row.version));
  return [
    ...[...ours.values()]
      .filter(({ version }) => !applied.has(version))
      .map(({ file }) => `Migration ${file} has not been applied. Run "npm run migrate" first.`),
    ...rows.flatMap((row) => appliedProblems(row, ours.get(row.version))),
  ];
}

interface Applied {
  readonly version: number;
  readonly file: string;
  readonly checksum: string;
  readonly breaking: boolean;
}

// During a rolling update an older program meets newer migrations; only those marked as breaking stop it.
function appliedProblems(applied: Applied, ours: Migration | undefined): string[] {
  if (ours === undefined) {
    return applied.breaking
      ? [
          `The database has ${applied.file}, which this version of Countersign does not know. Start a newer version.`,
        ]
      : [];
  }
  return ours.checksum === applied.checksum
    ? []
    : [`Migration ${ours.file} differs from what was applied. Restore the file and write a new migration.`];
}
