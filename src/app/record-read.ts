import type { Actor } from '#domain/audit/actor.ts';
import { appendAudit } from '#store/audit.ts';
import type { Database } from '#store/database-types.ts';
import type { Kysely } from '#store/query.ts';
import { inTransaction } from '#store/transaction.ts';

/** Somebody's look at evidence. */
export interface EvidenceRead {
  by: Actor;
  what: string;
  changeId?: string;
  runId?: string;
  entries?: { from: number; to: number };
  requestId: string;
}

/** Records that somebody read evidence: one entry a request, before anything is shown. */
export async function recordRead(db: Kysely<Database>, read: EvidenceRead): Promise<void> {
  const { by, what, changeId, runId, entries, requestId } = read;
  await inTransaction(db, (trx) =>
    appendAudit(trx, [
      {
        type: 'evidence-read',
        actor: by,
        subject: {
          ...(changeId === undefined ? {} : { changeId }),
          ...(runId === undefined ? {} : { runId }),
        },
        payload: { what, ...(entries === undefined ? {} : { entries }) },
        requestId,
      },
    ]),
  );
}
