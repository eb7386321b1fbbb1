import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';
import { inTransaction } from './transaction.ts';

export type HookState = 'working' | 'asleep' | 'ended' | 'missing' | 'hidden';

/** A webhook that leads here, as GitLab last told; `hook` is 0 for what is no hook. */
export interface HookRow {
  hook: number;
  state: HookState;
  /** RFC 3339. */
  wakesAt: string | undefined;
}

/** Keeps how a repository's webhooks do now; returns those that do otherwise than when they were last seen. */
export async function seeHooks(
  db: Kysely<Database>,
  repository: number,
  hooks: readonly HookRow[],
): Promise<HookRow[]> {
  return inTransaction(db, async (trx) => {
    const before = await trx
      .deleteFrom('code_host_hooks')
      .where('repository', '=', repository)
      .returning(['hook', 'state'])
      .execute();
    const rows = hooks.map(({ hook, state, wakesAt }) => ({
      repository,
      hook,
      state,
      wakes_at: wakesAt === undefined ? null : new Date(wakesAt),
      seen_at: sql<Date>`clock_timestamp()`,
    }));
    if (rows.length > 0) {
      await trx
        .insertInto('code_host_hooks')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    return hooks.filter(({ hook, state }) => !before.some((row) => row.hook === hook && row.state === state));
  });
}

/** How all webhooks do that lead here. */
export async function readHooks(db: Kysely<Database>): Promise<(HookRow & { repository: number })[]> {
  const rows = await db
    .selectFrom('code_host_hooks')
    .select(['repository', 'hook', 'state', 'wakes_at'])
    .orderBy('repository')
    .orderBy('hook')
    .execute();
  return rows.map(({ repository, hook, state, wakes_at: wakesAt }) => ({
    repository,
    hook,
    state: state as HookState,
    wakesAt: wakesAt?.toISOString(),
  }));
}
