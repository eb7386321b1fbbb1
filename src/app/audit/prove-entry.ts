import { readCheckpoint } from '#domain/audit/checkpoint.ts';
import { inclusionRanges, nodesOf, proofFrom, verifyInclusion } from '#domain/audit/proof.ts';
import { formatTlogProof } from '#domain/audit/tlog-proof.ts';
import { Fault } from '#domain/fault.ts';
import { readLatestCheckpoint, readNodes } from '#store/audit-tree.ts';
import type { OpenDatabase } from '#store/database.ts';

/**
 * A C2SP `tlog-proof@v1` text that shows, offline, that one entry is in the log: its inclusion proof and the newest
 * checkpoint. Undefined when no checkpoint covers the entry yet. Throws Fault `audit-log-inconsistent` when what is
 * stored does not prove it.
 */
export async function proveEntry(db: OpenDatabase['db'], index: number): Promise<string | undefined> {
  const filed = await readLatestCheckpoint(db);
  const checkpoint = filed && readCheckpoint(filed.note);
  if (checkpoint === undefined || index >= checkpoint.size) return undefined;
  const ranges = inclusionRanges(index, checkpoint.size);
  const proof = proofFrom(ranges, await readNodes(db, nodesOf(ranges)));
  const [leafHash] = await readNodes(db, [{ level: 0, index }]);
  if (leafHash === undefined || !verifyInclusion(index, leafHash, checkpoint, proof)) {
    throw new Fault('audit-log-inconsistent', `entry ${index} is not in the log that was signed`, {
      retryable: false,
    });
  }
  return formatTlogProof({ index, proof, checkpoint: checkpoint.note });
}
