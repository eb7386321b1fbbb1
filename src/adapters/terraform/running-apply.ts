import { basename, join } from 'node:path';
import { readFile, stat } from 'node:fs/promises';
import type { RunningApply } from '#app/ports/terraform.ts';
import { inhabitants, killInhabitants, signal } from './processes.ts';
import { readInside, UnsafeTree } from './run-tree.ts';

/** Where terraform leaves the state that it could not save. */
export const erroredStateFile = 'errored.tfstate';

const largestState = 512 * 1024 * 1024;
/** The kernel keeps no more of a program's name (proc(5), `comm`). */
const longestName = 15;

/** An apply as it is found in its folder, whoever started it. */
export function runningApply(folder: string, dir: string, binaries: readonly string[]): RunningApply {
  const names = new Set(binaries.map((path) => basename(path).slice(0, longestName)));
  const terraforms = async () => {
    const all = await inhabitants(folder);
    const named = await Promise.all(all.map(async (pid) => (names.has(await nameOf(pid)) ? [pid] : [])));
    return named.flat().sort((a, b) => a - b);
  };
  return {
    isAlive: async () => (await terraforms()).length > 0,
    async interrupt() {
      // The first is ours; later ones may have been started by the code it applies.
      const [first] = await terraforms();
      signal(first, 'SIGINT');
      return first !== undefined;
    },
    async erroredState() {
      try {
        return await readInside(folder, join('tree', dir, erroredStateFile), largestState);
      } catch (error) {
        // Terraform leaves a plain file; anything else was put there by the code it ran, and is no state.
        if (error instanceof UnsafeTree) return undefined;
        throw error;
      }
    },
    async endLeftovers() {
      const owner = await stat(folder).then(
        ({ uid }) => uid,
        () => undefined,
      );
      await killInhabitants(folder, owner === process.getuid?.() ? undefined : owner);
    },
  };
}

async function nameOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
}
