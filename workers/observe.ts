import { Fault } from '#domain/fault.ts';
import type { Observed } from '#domain/gates/evidence.ts';

/**
 * What a look at another system came to. A fault is not seen, with its reason: the gates say unknown, which is no.
 * Anything else thrown is a bug and stays one.
 */
export async function observe<T>(look: () => Promise<T>): Promise<Observed<T>> {
  try {
    return { seen: true, value: await look() };
  } catch (error) {
    if (error instanceof Fault) return { seen: false, why: error.message };
    throw error;
  }
}
