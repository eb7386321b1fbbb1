import type { TreeHead } from '#domain/audit/merkle.ts';

/**
 * Holds the log's signing key: a file, Vault or a KMS. It remembers the last head it signed and signs no head that
 * does not contain it, so that a restored old backup or a forked log is caught by the key itself.
 */
export interface CheckpointSigner {
  /** Name of the log and of its key; first line of every checkpoint. */
  readonly origin: string;
  /** The public key as a C2SP verifier key, to be handed to auditors. */
  readonly verifierKey: string;
  lastSigned(): Promise<TreeHead | undefined>;
  /**
   * The signed checkpoint of a head. `consistency` is the proof from the last signed head to this one.
   * Throws Fault `audit-log-inconsistent` when the proof fails or the head is older.
   */
  sign(head: TreeHead, consistency: readonly Uint8Array[]): Promise<string>;
}
