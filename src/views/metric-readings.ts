import { type Kysely, sql } from '#store/query.ts';
import type { Database } from '#store/database-types.ts';
import type { MetricReadings } from '#telemetry/metrics.ts';

/** What `/metrics` tells of the database, in a handful of aggregate queries; all labels come from closed lists. */
export async function readMetrics(
  db: Kysely<Database>,
  auditEntries: () => Promise<number>,
): Promise<MetricReadings> {
  const [
    outbox,
    givenUp,
    changes,
    attempts,
    plans,
    polled,
    failing,
    hooks,
    releaseTags,
    entries,
    breakGlass,
  ] = await Promise.all([
    db
      .selectFrom('outbox')
      .select(['effect', sql<number>`count(*)`.as('waiting')])
      .select(sql<number>`extract(epoch from now() - min(created_at))::float8`.as('oldestSeconds'))
      .where('done_at', 'is', null)
      .where('gave_up_at', 'is', null)
      .groupBy('effect')
      .execute(),
    db
      .selectFrom('outbox')
      .select(sql<number>`count(*)`.as('count'))
      .where('gave_up_at', 'is not', null)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('changes')
      .select(['status', sql<number>`count(*)`.as('count')])
      .groupBy('status')
      .execute(),
    db
      .selectFrom('attempts')
      .select([sql<string>`coalesce(outcome, 'open')`.as('outcome'), sql<number>`count(*)`.as('count')])
      .groupBy(sql`1`)
      .execute(),
    planQuantiles(db),
    db.selectFrom('counters').select('value').where('name', '=', 'found_by_polling').executeTakeFirst(),
    db
      .selectFrom('sweep_faults')
      .select(['step', sql<number>`count(*)`.as('count')])
      .groupBy('step')
      .execute(),
    db
      .selectFrom('code_host_hooks')
      .select(['state', sql<number>`count(*)`.as('count')])
      .groupBy('state')
      .execute(),
    countTags(db),
    auditEntries(),
    db
      .selectFrom('debts')
      .select([
        sql<number>`count(*)`.as('used'),
        sql<number>`count(*) filter (where paid_at is null)`.as('unpaid'),
        sql<number>`count(*) filter (where paid_at is null and due_at < now())`.as('overdue'),
      ])
      .executeTakeFirstOrThrow(),
  ]);
  return {
    outbox,
    outboxGivenUp: givenUp.count,
    changes,
    attempts,
    planSeconds: plans,
    foundByPolling: polled?.value ?? 0,
    sweepFailing: failing,
    hooks,
    releaseTags,
    auditEntries: entries,
    breakGlass,
  };
}

async function planQuantiles(db: Kysely<Database>): Promise<{ quantile: string; seconds: number }[]> {
  const { seconds } = await db
    .selectFrom('plan_runs')
    .select(
      sql<number[] | null>`percentile_cont(array[0.5, 0.9, 0.99]) within group
        (order by extract(epoch from ended_at - started_at)::float8)`.as('seconds'),
    )
    .where('ended_at', '>', sql<Date>`now() - interval '24 hours'`)
    .where('started_at', 'is not', null)
    .executeTakeFirstOrThrow();
  return ['0.5', '0.9', '0.99'].flatMap((quantile, i) => {
    const value = seconds?.[i];
    return value === undefined ? [] : [{ quantile, seconds: value }];
  });
}

/** Closed list of standings, as `tagStanding` has them. */
async function countTags(db: Kysely<Database>): Promise<{ standing: string; count: number }[]> {
  return db
    .selectFrom('release_tags')
    .select(
      sql<string>`case
        when (made_sha, made_text) is not distinct from (seen_sha, seen_text) then 'as-recorded'
        when made_sha is null then 'unrecorded'
        when seen_sha is null then 'gone'
        else 'moved' end`.as('standing'),
    )
    .select(sql<number>`count(*)`.as('count'))
    .groupBy(sql`1`)
    .execute();
}
