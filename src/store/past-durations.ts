import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';

/** How many seconds the last finished plan of each project took, where there was one. */
export async function readLastSeconds(
  db: Kysely<Database>,
  repository: number,
  projects: readonly string[],
): Promise<Map<string, number>> {
  if (projects.length === 0) return new Map();
  const { rows } = await sql<{ project: string; seconds: number | null }>`
    select wanted.project, last.seconds from unnest(${projects}::text[]) as wanted (project)
    cross join lateral (
      select (timings ->> 'seconds')::float8 as seconds
      from plan_runs join changes on changes.id = plan_runs.change_id
      where plan_runs.project = wanted.project and changes.repository = ${repository} and timings is not null
      order by ended_at desc limit 1) as last`.execute(db);
  return new Map(
    rows.flatMap(({ project, seconds }) => (seconds === null ? [] : [[project, seconds] as const])),
  );
}
