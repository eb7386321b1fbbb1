import { freePort } from '#test/sandbox/house/free-port.ts';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

export interface RedisServer {
  /** With the password: `redis://:…@127.0.0.1:…` */
  readonly url: string;
  stop(): Promise<void>;
}

/** Whether there is a `redis-server` on the PATH. */
export const redisIsInstalled = canRun('redis-server');

/**
 * Starts a private Redis on a loopback port with a random password, nothing written to disk. The configuration goes
 * in over standard input, so that the password is in no argument list; the kernel stops the server if we die.
 */
export async function startRedis(): Promise<RedisServer> {
  const password = randomBytes(16).toString('hex');
  const port = await freePort();
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', 'redis-server', '-'], {
    cwd: tmpdir(),
    detached: true,
  });
  child.stdin.end(
    `bind 127.0.0.1\nport ${port}\nrequirepass ${password}\nsave ""\nappendonly no\nmaxmemory-policy noeviction\n`,
  );
  const ended = once(child, 'exit');
  for await (const line of createInterface(child.stdout)) {
    if (line.includes('Ready to accept connections')) break;
  }
  if (child.exitCode !== null) throw new Error(`redis-server ended with exit code ${child.exitCode}`);
  child.stdout.resume();
  child.stderr.resume();
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function canRun(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
