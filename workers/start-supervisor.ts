import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SUPERVISOR = fileURLToPath(new URL('./supervisor.ts', import.meta.url));

/**
 * Starts the supervisor of an attempt as a process of its own session, which outlives this worker whatever becomes of
 * it. It reads the same configuration; nothing secret is in its arguments.
 */
export async function startSupervisor(attemptId: string): Promise<void> {
  const child = spawn(process.execPath, [SUPERVISOR, attemptId], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  child.unref();
}
