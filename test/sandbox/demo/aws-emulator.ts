import { freePort } from '../house/free-port.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from './problem.ts';

export interface Emulator {
  url: string;
  /** One request to S3, `path` being `bucket/key`; returns the body. */
  s3(method: 'GET' | 'PUT', path: string): Promise<string>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/**
 * Starts moto's server: the program named by COUNTERSIGN_MOTO, else `moto_server` on the PATH. It ends with this process.
 * @throws Problem when there is none, or when it does not answer in time
 */
export async function startEmulator(log: string, signal: AbortSignal): Promise<Emulator> {
  const program = process.env['COUNTERSIGN_MOTO'] ?? 'moto_server';
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await mkdir(dirname(log), { recursive: true });
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, '-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const sink = createWriteStream(log, { flags: 'a' });
  child.stdout.pipe(sink, { end: false });
  child.stderr.pipe(sink, { end: false });
  const ended = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  };
  const end = Date.now() + READY_WITHIN_MS;
  while (!(await answers(url))) {
    const failed = child.exitCode !== null;
    if (failed || signal.aborted || Date.now() > end) {
      await stop();
      signal.throwIfAborted();
      throw new Problem(
        `--aws needs an AWS emulator; ${program} ${failed ? 'did not start' : 'does not answer'} (see ${log}). ` +
          'Install it (pip install "moto[server]"), or set COUNTERSIGN_MOTO to its path. Without --aws the demo needs none.',
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url, stop, s3: (method, path) => askS3(url, method, path) };
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/moto-api/`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Moto reads from the header which service is meant, and checks no signature. */
async function askS3(url: string, method: string, path: string): Promise<string> {
  const authorization =
    'AWS4-HMAC-SHA256 Credential=demo/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none';
  const answer = await fetch(`${url}/${path}`, { method, headers: { authorization } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} at the emulator answered ${answer.status}: ${text}`);
  return text;
}
