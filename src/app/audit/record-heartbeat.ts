import { parseEnvelope } from '#domain/audit/entry.ts';
import { appendAudit, readEntries, readHead } from '#store/audit.ts';
import type { OpenDatabase } from '#store/database.ts';

/**
 * Appends a `log-heartbeat` entry when nothing was appended for `idleMs`, so that silence is visible in the log and
 * the next checkpoint says the log was alive. Returns whether it did.
 */
export async function recordHeartbeat(
  db: OpenDatabase['db'],
  { now, idleMs }: { now: Date; idleMs: number },
): Promise<boolean> {
  const { size } = await readHead(db);
  const [latest] = await readEntries(db, { from: size - 1, to: size });
  const envelope = latest && parseEnvelope(latest.envelope);
  if (envelope !== undefined && now.getTime() - Date.parse(envelope.ts) < idleMs) return false;
  await db.transaction().execute((trx) =>
    appendAudit(trx, [
      {
        type: 'log-heartbeat',
        actor: { kind: 'service', component: 'checkpointer' },
        subject: {},
        payload: {},
      },
    ]),
  );
  return true;
}
