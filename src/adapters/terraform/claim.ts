import { createHash } from 'node:crypto';
import { createServer } from 'node:net';

export interface Claim {
  readonly release: () => Promise<void>;
}

/**
 * Takes a name on this machine for this process, or returns undefined when another process has it. The claim is a
 * listening socket in Linux's abstract name space: the kernel lets go of it when the process ends, however it ends, so
 * there are no stale claims to judge.
 */
export async function claim(name: string): Promise<Claim | undefined> {
  const server = createServer((connection) => connection.destroy());
  const address = `\0countersign/${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(address, () => resolve(true));
  });
  if (!taken) return undefined;
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}
