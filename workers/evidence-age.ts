import type { Ledger } from '#app/ledger.ts';
import type { Applying } from '#domain/project.ts';

/** Evidence older than this is collected again before anything starts (assurance 4.4). */
const MOST_MS = 30_000;

/** Whether what the gates saw is too old to start anything on; both times are the database's. */
export async function isEvidenceOld(
  { ledger }: { ledger: Pick<Ledger, 'now'> },
  { evaluatedAt }: Pick<Applying, 'evaluatedAt'>,
): Promise<boolean> {
  return Date.parse(await ledger.now()) - Date.parse(evaluatedAt) > MOST_MS;
}
