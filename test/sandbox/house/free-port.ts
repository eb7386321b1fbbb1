import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port of loopback to listen on a little later, for what has to be known before its server is there. Taken from below
 * the range from which the kernel gives ports to others, and at random, so that those who ask beside each other do not meet.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolveFree) => {
    const probe = createServer();
    probe.once('error', () => resolveFree(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolveFree(true)));
  });
}
