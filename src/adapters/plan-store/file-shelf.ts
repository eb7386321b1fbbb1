import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleShelf } from '#app/ports/plan-store.ts';

/** Sealed bundles as files of mode 0600 in a folder of mode 0700, for a service on one machine or a shared disk. */
export function createFileShelf(folder: string): BundleShelf {
  // Ids come from us, but a file name is no place to find out otherwise.
  const fileOf = (planRunId: string) =>
    join(folder, `${createHash('sha256').update(planRunId).digest('hex')}.bundle`);
  return {
    async write(planRunId, sealed) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = join(folder, `.${randomUUID()}`);
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(sealed);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, fileOf(planRunId));
    },
    async read(planRunId) {
      try {
        return await readFile(fileOf(planRunId));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async remove(planRunId) {
      await rm(fileOf(planRunId), { force: true });
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
