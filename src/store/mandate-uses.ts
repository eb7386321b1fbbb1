import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import type { Change } from '#domain/change.ts';
import { countedAs, type MandateUse } from '#domain/mandate-cover.ts';
import type { Database } from './database-types.ts';
import { lockMandate } from './mandates.ts';

type Db = Kysely<Database>;
type Trx = Transaction<Database>;

/** The use of a mandate by one project of a change: an attempt, or a command of somebody whose role is granted. */
export interface NewUse {
  mandate: string;
  project: string;
  /** The attempt, or the comment. */
  reference: string;
}

/** What a use counts as: the ticket that its attempt was under. A use by a command has the change alone. */
const COUNTED_AS = sql<string>`coalesce(
  (select approval_id from attempts where attempts.id = mandate_uses.reference), mandate_uses.change_id)`;

/**
 * Enters uses of mandates by a change, each once, after the attempts that they are about. Two changes that want the last one that is left do not both get it:
 * throws MandateUsedUp out of the transaction, as it does when a mandate was ended meanwhile or its time is over.
 */
export async function enterUses(
  trx: Trx,
  change: Pick<Change, 'id' | 'ticket'>,
  uses: readonly NewUse[],
): Promise<void> {
  for (const { mandate: id, project, reference } of uses.toSorted((a, b) =>
    a.mandate < b.mandate ? -1 : 1,
  )) {
    const mandate = await lockMandate(trx, id);
    if (mandate === undefined || mandate.ended !== undefined)
      throw new MandateUsedUp(`mandate ${mandate?.ticket?.key ?? id} was ended`);
    const { rows } = await sql<{ over: boolean; others: number }>`
      select until <= clock_timestamp() as over,
        (select count(distinct ${COUNTED_AS}) from mandate_uses
          where mandate_id = m.id and ${COUNTED_AS} <> ${countedAs(change)}
            and used_at > clock_timestamp() - interval '24 hours') as others
      from mandates m where id = ${id}`.execute(trx);
    if (rows[0]?.over !== false) throw new MandateUsedUp(`the time of ${mandate.ticket?.key ?? id} is over`);
    const { terms } = mandate;
    const most = terms.kind === 'standing-approval' ? terms.most.changesPerDay : undefined;
    if (most !== undefined && rows[0].others >= most)
      throw new MandateUsedUp(`${mandate.ticket?.key ?? id} was used by ${most} changes within 24 hours`);
    await trx
      .insertInto('mandate_uses')
      .values({ mandate_id: id, change_id: change.id, project, reference })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** Thrown out of the transaction: what would have been done under the mandate has not happened. */
export class MandateUsedUp extends Error {
  readonly code = 'mandate-used-up';
  readonly retryable = false;
}

/** Uses of these mandates within so many hours, the newest first. */
export async function readUses(
  db: Db,
  ids: readonly string[],
  hours = 24,
): Promise<(MandateUse & { mandate: string })[]> {
  const rows = await db
    .selectFrom('mandate_uses')
    .select(['mandate_id', COUNTED_AS.as('as'), 'used_at'])
    .where('mandate_id', 'in', ['', ...ids])
    .where('used_at', '>', sql<Date>`clock_timestamp() - ${hours} * interval '1 hour'`)
    .orderBy('used_at', 'desc')
    .execute();
  return rows.map((row) => ({
    mandate: row.mandate_id,
    as: row.as,
    at: row.used_at.toISOString(),
  }));
}

/** How many changes something was done about under each of these mandates, counted as the limits count them, and when last. */
export async function countUses(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { lately: number; ever: number; last: string }>> {
  const rows = await db
    .selectFrom('mandate_uses')
    .select([
      'mandate_id',
      sql<number>`count(distinct ${COUNTED_AS})`.as('ever'),
      sql<Date>`max(used_at)`.as('last'),
    ])
    .select(
      sql<number>`count(distinct ${COUNTED_AS}) filter (where used_at > clock_timestamp() - interval '24 hours')`.as(
        'lately',
      ),
    )
    .where('mandate_id', 'in', ['', ...ids])
    .groupBy('mandate_id')
    .execute();
  return new Map(
    rows.map(({ ever, last, lately, mandate_id: id }) => [id, { ever, lately, last: last.toISOString() }]),
  );
}
