import type { Transaction } from '#store/query.ts';
import { parseEnvelope } from '#domain/audit/entry.ts';
import type { Fact, FactOf, FactType } from '#domain/fact.ts';
import type { Particulars } from '#domain/particulars.ts';
import type { Refusal } from '#domain/refusal.ts';
import { readEntriesOfChange } from '#store/audit.ts';
import type { Database } from '#store/database-types.ts';

/** An entry of the audit log about a change; `payload` is empty when it was erased. */
export interface Told {
  index: number;
  at: string;
  type: string;
  approvalId: string | undefined;
  payload: Record<string, unknown>;
}

/** An entry that records a fact of this type, with what it says beside the fact. */
export type ToldFact<T extends FactType> = Told & {
  payload: Omit<FactOf<T>, 'type'> & Particulars & { refusals: readonly Refusal[] };
};

/** All entries about the change, in their order. */
export async function entriesOf(trx: Transaction<Database>, changeId: string): Promise<Told[]> {
  const rows = await readEntriesOfChange(trx, changeId);
  return rows.flatMap(({ envelope: bytes, index, payload }): Told[] => {
    const envelope = parseEnvelope(bytes);
    if (envelope === undefined) return [];
    const { subject, ts, type } = envelope;
    const told = payload === undefined ? {} : (JSON.parse(payload.text) as Record<string, unknown>);
    return [{ index, at: ts, type, approvalId: subject['approvalId'], payload: told }];
  });
}

/** Those that record a fact of this type and were not erased. */
export function factsOf<T extends Fact['type']>(entries: readonly Told[], type: T): ToldFact<T>[] {
  return entries.filter(
    (entry): entry is ToldFact<T> => entry.type === type && Object.keys(entry.payload).length > 0,
  );
}
