import { createHash } from 'node:crypto';
import { Fault } from '#domain/fault.ts';
import type { BundleShelf, PlanStore } from '#app/ports/plan-store.ts';
import { openBundle, sealBundle } from './seal.ts';
import type { SealKeys } from './seal.ts';

/** A plan store that seals bundles under `keys` and lays them on the shelf. */
export function createPlanStore({ keys, shelf }: { keys: SealKeys; shelf: BundleShelf }): PlanStore {
  if (keys.some((key) => key.length !== 32)) throw new Error('A key for plan bundles has 32 bytes');
  return {
    async put(planRunId, digest, bundle) {
      await shelf.write(planRunId, sealBundle(bundle, { planRunId, digest }, keys));
      return { bundleHash: hashOf(bundle) };
    },
    async get(planRunId, digest, bundleHash) {
      const sealed = await shelf.read(planRunId);
      if (sealed === undefined) throw fault('bundle-missing', `There is no bundle for plan run ${planRunId}`);
      const bundle = openBundle(sealed, { planRunId, digest }, keys);
      if (bundle === undefined || hashOf(bundle) !== bundleHash)
        throw fault('bundle-swapped', `The stored bundle is not the one plan run ${planRunId} made`);
      return bundle;
    },
    async destroy(planRunId) {
      await shelf.remove(planRunId);
    },
  };
}

function hashOf(bundle: Uint8Array): string {
  return createHash('sha256').update(bundle).digest('hex');
}

function fault(code: 'bundle-missing' | 'bundle-swapped', message: string): Fault {
  return new Fault(code, message, { retryable: false });
}
