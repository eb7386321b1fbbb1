import type { Kysely, Selectable, SelectQueryBuilder, SqlBool, Transaction } from 'kysely';
import { sql } from 'kysely';
import { type Heard, type Mandate, type Terms, termsHash } from '#domain/mandate.ts';
import type { Database, MandatesTable } from './database-types.ts';

type Db = Kysely<Database>;
type Trx = Transaction<Database>;

/** Begins a mandate, unless the same terms of the same person are there already; whether it was begun here. */
export async function insertMandate(
  trx: Trx,
  { id, terms, requestedBy }: Pick<Mandate, 'id' | 'terms' | 'requestedBy'>,
): Promise<boolean> {
  const row = await trx
    .insertInto('mandates')
    .values({
      id,
      kind: terms.kind,
      terms: JSON.stringify(terms),
      terms_hash: termsHash(terms),
      requested_by: requestedBy,
      until: new Date(terms.until),
      heard: JSON.stringify({ kind: 'nothing' } satisfies Heard),
    })
    .onConflict((conflict) =>
      conflict.columns(['terms_hash', 'requested_by']).where('ended_at', 'is', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** The mandate with these terms that was not ended, if there is one. */
export async function findMandate(
  db: Db,
  { terms, requestedBy }: Pick<Mandate, 'terms' | 'requestedBy'>,
): Promise<Mandate | undefined> {
  return one(
    all(db)
      .where('terms_hash', '=', termsHash(terms))
      .where('requested_by', '=', requestedBy)
      .where('ended_at', 'is', null),
  );
}

/** The mandate whose ticket this is. */
export async function findMandateByTicket(db: Db, key: string): Promise<Mandate | undefined> {
  return one(all(db).where('ticket_key', '=', key));
}

/** Locks the mandate until the transaction ends. */
export async function lockMandate(trx: Trx, id: string): Promise<Mandate | undefined> {
  return one(all(trx).where('id', '=', id).forUpdate());
}

/** Mandates that were not ended and whose time is not over, the oldest first. */
export async function readOpenMandates(db: Db): Promise<Mandate[]> {
  return several(all(db).where('ended_at', 'is', null).where('until', '>', sql<Date>`clock_timestamp()`));
}

/** Those of a kind that are open, or were until lately: why one does not hold any more is what people want to know. */
export async function readRecentMandates(db: Db, kind: Terms['kind']): Promise<Mandate[]> {
  const lately = sql<SqlBool>`coalesce(ended_at, until) > clock_timestamp() - interval '7 days'`;
  return several(all(db).where('kind', '=', kind).where(lately));
}

/** Mandates that nobody ended and whose time is over, the oldest first. */
export async function readOverdueMandates(db: Db): Promise<Mandate[]> {
  return several(all(db).where('ended_at', 'is', null).where('until', '<=', sql<Date>`clock_timestamp()`));
}

export async function saveMandateTicket(
  trx: Trx,
  id: string,
  ticket: { key: string; url: string; reviewMove: string },
): Promise<void> {
  await trx
    .updateTable('mandates')
    .set({ ticket_key: ticket.key, ticket_url: ticket.url, review_move: ticket.reviewMove })
    .where('id', '=', id)
    .execute();
}

export async function saveHeard(trx: Trx, id: string, heard: Heard): Promise<void> {
  await trx
    .updateTable('mandates')
    .set({ heard: JSON.stringify(heard), heard_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .execute();
}

export async function saveEnd(trx: Trx, id: string, reason: string): Promise<void> {
  await trx
    .updateTable('mandates')
    .set({ ended_at: sql<Date>`clock_timestamp()`, end_reason: reason })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}

/** The mandates under which something was done about a change, and others that it names. */
export async function readMandatesOfChange(
  db: Db,
  changeId: string,
  named: readonly string[],
): Promise<Mandate[]> {
  return several(
    all(db).where((eb) =>
      eb.or([
        eb('id', 'in', ['', ...named]),
        eb('id', 'in', eb.selectFrom('mandate_uses').select('mandate_id').where('change_id', '=', changeId)),
      ]),
    ),
  );
}

/** The mandates under which something was applied on this ticket of a change. */
export async function readMandatesUsed(db: Db, approvalId: string): Promise<Mandate[]> {
  return several(
    all(db).where('id', 'in', (query) =>
      query
        .selectFrom('mandate_uses')
        .innerJoin('attempts', 'attempts.id', 'mandate_uses.reference')
        .select('mandate_uses.mandate_id')
        .where('attempts.approval_id', '=', approvalId),
    ),
  );
}

type Found = SelectQueryBuilder<Database, 'mandates', Selectable<MandatesTable>>;

function all(db: Db | Trx): Found {
  return db.selectFrom('mandates').selectAll();
}

async function one(found: Found): Promise<Mandate | undefined> {
  const row = await found.executeTakeFirst();
  return row === undefined ? undefined : toMandate(row);
}

/** The oldest first. */
async function several(found: Found): Promise<Mandate[]> {
  const rows = await found.orderBy('opened_at').orderBy('id').execute();
  return rows.map(toMandate);
}

function toMandate(row: Selectable<MandatesTable>): Mandate {
  const { ended_at: endedAt, ticket_key: key, ticket_url: url, review_move: reviewMove } = row;
  return {
    id: row.id,
    terms: row.terms as Terms,
    requestedBy: row.requested_by,
    openedAt: row.opened_at.toISOString(),
    ...(key === null || url === null
      ? {}
      : { ticket: { key, url, ...(reviewMove === null ? {} : { reviewMove }) } }),
    heard: row.heard as Heard,
    ...(endedAt === null ? {} : { ended: { at: endedAt.toISOString(), reason: row.end_reason ?? '' } }),
  };
}
