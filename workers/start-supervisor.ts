import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SUPERVISOR = fileURLToPath(new URL('./supervisor.ts', import.meta.url));

/** Starts supervisors of attempts, and knows which of those it started still live. */
export interface SupervisorStarter {
  /** Resolves once it runs, with the promise of its end. */
  start(attemptId: string): Promise<{ ended: Promise<unknown> }>;
  /** Resolves when none is left: a container that ends with its worker must not end an apply. */
  allEnded(): Promise<void>;
}

/**
 * Each supervisor is a process of its own session, which outlives this worker whatever becomes of it. It reads the same
 * configuration, so nothing secret is in its arguments; what it prints, such as why it could not start, is kept beside
 * the spools.
 */
export function supervisorStarter(spoolDir: string): SupervisorStarter {
  const living = new Set<Promise<unknown>>();
  return {
    async start(attemptId) {
      await mkdir(spoolDir, { recursive: true, mode: 0o700 });
      const log = await open(join(spoolDir, 'supervisors.log'), 'a', 0o600);
      try {
        const child = spawn(process.execPath, [SUPERVISOR, attemptId], {
          detached: true,
          stdio: ['ignore', log.fd, log.fd],
        });
        await once(child, 'spawn');
        child.unref();
        const ended = once(child, 'exit').finally(() => living.delete(ended));
        living.add(ended);
        return { ended };
      } finally {
        await log.close();
      }
    },
    async allEnded() {
      await Promise.all(living);
    },
  };
}
