import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SUPERVISOR = fileURLToPath(new URL('./supervisor.ts', import.meta.url));

/**
 * Starts supervisors of attempts, each as a process of its own session, which outlives this worker whatever becomes of
 * it. A supervisor reads the same configuration, so nothing secret is in its arguments; what it prints, such as why it
 * could not start, is kept beside the spools.
 */
export function supervisorStarter(spoolDir: string): (attemptId: string) => Promise<void> {
  return async (attemptId) => {
    await mkdir(spoolDir, { recursive: true, mode: 0o700 });
    const log = await open(join(spoolDir, 'supervisors.log'), 'a', 0o600);
    try {
      const stdio = ['ignore', log.fd, log.fd] as const;
      const child = spawn(process.execPath, [SUPERVISOR, attemptId], { detached: true, stdio: [...stdio] });
      await once(child, 'spawn');
      child.unref();
    } finally {
      await log.close();
    }
  };
}
