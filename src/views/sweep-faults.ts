import type { Database } from '#store/database-types.ts';
import type { Kysely } from '#store/query.ts';
import { readSweepFaults, type SweepFault } from '#store/sweep-faults.ts';
import { minute } from '#domain/minute.ts';

/** More than these are not named one by one. */
const NAMED = 3;

/** What the sweep cannot do, in one line for `/readyz`; never a reason against, since everything else goes on. */
export async function sweepInWords(db: Kysely<Database>): Promise<string> {
  const faults = await readSweepFaults(db);
  if (faults.length === 0) return 'nothing fails';
  const named = faults.slice(0, NAMED).map(faultInWords);
  const more = faults.length > NAMED ? [`and ${faults.length - NAMED} more`] : [];
  return [...named, ...more].join('; ');
}

/** Without the other side's own words, which are for the log and for `doctor`. */
function faultInWords({ beganAt, code, item, step }: SweepFault): string {
  return `${step} ${item} fails since ${minute(beganAt)} (${code})`;
}
