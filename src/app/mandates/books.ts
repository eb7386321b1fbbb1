import type { Actor } from '#domain/audit/actor.ts';
import type { AuditEntryInput } from '#domain/audit/entry.ts';
import { Fault } from '#domain/fault.ts';
import type { Heard, Mandate, Terms } from '#domain/mandate.ts';
import { appendAudit } from '#store/audit.ts';
import type { Database } from '#store/database-types.ts';
import {
  findMandate,
  findMandateByTicket,
  insertMandate,
  lockMandate,
  readMandatesUsed,
  readOpenMandates,
  readOverdueMandates,
  readRecentMandates,
  saveEnd,
  saveHeard,
  saveMandateTicket,
} from '#store/mandates.ts';
import { readUses } from '#store/mandate-uses.ts';
import type { Kysely, Transaction } from '#store/query.ts';
import { inTransaction } from '#store/transaction.ts';
import { plainJson } from '../plain-json.ts';

/** The books of mandates: what is written in them is in the audit log, in one transaction. */
export type MandateBooks = ReturnType<typeof createMandateBooks>;

/** The books over a database. */
export function createMandateBooks(db: Kysely<Database>) {
  return {
    /** Mandates that nobody ended and whose time is not over, the oldest first. */
    open: (): Promise<Mandate[]> => readOpenMandates(db),
    /** Those of a kind that are open, or were until lately. */
    recent: (kind: Terms['kind']): Promise<Mandate[]> => readRecentMandates(db, kind),
    overdue: (): Promise<Mandate[]> => readOverdueMandates(db),
    ofTicket: (key: string): Promise<Mandate | undefined> => findMandateByTicket(db, key),
    /** Those under which something was applied on this ticket of a change. */
    usedOn: (approvalId: string): Promise<Mandate[]> => readMandatesUsed(db, approvalId),
    uses: (ids: readonly string[]) => readUses(db, ids),

    /** Begins a mandate, or finds the one that is there with the same terms for the same person. */
    begin: (mandate: Pick<Mandate, 'id' | 'terms' | 'requestedBy'>, by: Actor) => begin(db, mandate, by),
    /** Its ticket is in review for its terms, by our move `reviewMove`. */
    presented: (id: string, ticket: { key: string; url: string; reviewMove: string }, by: Actor) =>
      presented(db, id, ticket, by),
    /** What its ticket was found to say; what was heard before is no news. */
    hear: (id: string, heard: Heard): Promise<void> => hear(db, id, heard),
    /** Ends it, for everybody at once; false when it was over already. */
    end: (id: string, reason: string, by: Actor): Promise<boolean> => end(db, id, reason, by),
  };
}

async function begin(
  db: Kysely<Database>,
  mandate: Pick<Mandate, 'id' | 'terms' | 'requestedBy'>,
  by: Actor,
): Promise<{ mandate: Mandate; isNew: boolean }> {
  const { id, requestedBy, terms } = mandate;
  const isNew = await inTransaction(db, async (trx) => {
    if (!(await insertMandate(trx, mandate))) return false;
    await append(trx, 'mandate-opened', by, { mandate: id }, { terms, requestedBy });
    return true;
  });
  const found = await findMandate(db, mandate);
  if (found === undefined)
    throw new Fault('mandate-gone', 'the mandate was ended while it was being opened', { retryable: true });
  return { mandate: found, isNew };
}

function presented(
  db: Kysely<Database>,
  id: string,
  ticket: { key: string; url: string; reviewMove: string },
  by: Actor,
): Promise<void> {
  return inTransaction(db, async (trx) => {
    const mandate = await lockMandate(trx, id);
    if (mandate?.ticket?.reviewMove === ticket.reviewMove) return;
    await saveMandateTicket(trx, id, ticket);
    const { key, reviewMove } = ticket;
    await append(trx, 'mandate-presented', by, { mandate: id, approvalId: key }, { moveId: reviewMove });
  });
}

function hear(db: Kysely<Database>, id: string, heard: Heard): Promise<void> {
  return inTransaction(db, async (trx) => {
    const mandate = await lockMandate(trx, id);
    if (mandate === undefined || !isNews(mandate.heard, heard)) return;
    await saveHeard(trx, id, heard);
    const type = heard.kind === 'approved' ? 'mandate-in-force' : 'mandate-not-in-force';
    await append(trx, type, READER, subjectOf(mandate), { heard, before: mandate.heard });
  });
}

/** Whether a ticket says something else than was heard of it before; who decided is kept as it was heard first. */
export function isNews(known: Heard, heard: Heard): boolean {
  if (known.kind === 'approved' && heard.kind === 'approved')
    return known.approval.moveId !== heard.approval.moveId;
  if (known.kind !== 'not-approved' || heard.kind !== 'not-approved') return true;
  return known.why !== heard.why || known.decider?.moveId !== heard.decider?.moveId;
}

function end(db: Kysely<Database>, id: string, reason: string, by: Actor): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    const mandate = await lockMandate(trx, id);
    if (mandate === undefined || mandate.ended !== undefined) return false;
    await saveEnd(trx, id, reason);
    await append(trx, 'mandate-ended', by, subjectOf(mandate), { reason });
    return true;
  });
}

const READER: Actor = { kind: 'service', component: 'read-mandate' };

function subjectOf({ id, ticket }: Mandate): AuditEntryInput['subject'] {
  return { mandate: id, ...(ticket === undefined ? {} : { approvalId: ticket.key }) };
}

async function append(
  trx: Transaction<Database>,
  type: string,
  actor: Actor,
  subject: AuditEntryInput['subject'],
  payload: object,
): Promise<void> {
  await appendAudit(trx, [{ type, actor, subject, payload: plainJson(payload) }]);
}
