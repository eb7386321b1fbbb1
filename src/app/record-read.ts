import { appendAudit } from '#store/audit.ts';
import type { Database } from '#store/database-types.ts';
import type { Kysely } from '#store/query.ts';
import { inTransaction } from '#store/transaction.ts';

/** A person's look at evidence. */
export interface EvidenceRead {
  person: string;
  what: string;
  changeId?: string;
  runId?: string;
  entries?: { from: number; to: number };
  requestId: string;
}

/** Records that a person read evidence: one entry a request, before anything is shown. */
export async function recordRead(db: Kysely<Database>, read: EvidenceRead): Promise<void> {
  const { person, what, changeId, runId, entries, requestId } = read;
  await inTransaction(db, (trx) =>
    appendAudit(trx, [
      {
        type: 'evidence-read',
        actor: { kind: 'person', id: person },
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
