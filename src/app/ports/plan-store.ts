/** Keeps plan bundles encrypted until their apply or expiry. Bundles hold secrets in clear; what is stored does not. */
export interface PlanStore {
  /** Seals the bundle for this plan run and digest; the hash (SHA-256, hex) is what an approval's run binding names. */
  put(planRunId: string, digest: string, bundle: Buffer): Promise<{ bundleHash: string }>;
  /**
   * The very bundle that was put. Fault `bundle-missing` when there is none, `bundle-swapped` when what is there was
   * not sealed for this plan run, digest and hash.
   */
  get(planRunId: string, digest: string, bundleHash: string): Promise<Buffer>;
  destroy(planRunId: string): Promise<void>;
}

/** Where sealed bundles lie: a folder, or a table that several machines share. Knows nothing of keys. */
export interface BundleShelf {
  /** Replaces what is there. */
  write(planRunId: string, sealed: Buffer): Promise<void>;
  read(planRunId: string): Promise<Buffer | undefined>;
  remove(planRunId: string): Promise<void>;
}
