import type { Finding } from '#domain/audit/finding.ts';
import type { NoteKey } from '#domain/audit/signed-note.ts';
import { createLogVerifier, type VerificationReport, type Witness } from '#domain/audit/verify-log.ts';
import { withSnapshot } from '#store/audit-snapshot.ts';
import type { OpenDatabase } from '#store/database.ts';

export interface LiveVerification {
  readonly db: OpenDatabase['db'];
  readonly keys: readonly NoteKey[];
  readonly witnesses: readonly Witness[];
}

/**
 * Verifies the log in the database, from the first entry to the last. Entries newer than the last checkpoint are no
 * finding: a living log is always a little ahead of its signature.
 */
export function verifyLive({ db, keys, witnesses }: LiveVerification): Promise<VerificationReport> {
  return withSnapshot(db, async (snapshot) => {
    const checkpoints = snapshot.checkpoints.map(({ size, note }) => ({
      source: `checkpoint ${size}`,
      note,
    }));
    const verifier = createLogVerifier({ keys, checkpoints, witnesses, tail: 'growing' });
    let rows = 0;
    for await (const entry of snapshot.entries()) {
      verifier.add(entry);
      rows = entry.index + 1;
    }
    return verifier.finish(headFindings(snapshot.size, rows));
  });
}

/** The head row counts every entry ever appended; rows that it counts and that are gone were cut off. */
function headFindings(claimedSize: number, size: number): Finding[] {
  return claimedSize > size ? [{ kind: 'tail-cut', source: 'the head of the log', claimedSize, size }] : [];
}
