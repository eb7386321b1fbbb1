import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Terraform's HTTP backend with locking, and with the faults a test needs. */
export interface StateServer {
  url: string;
  state(): string | undefined;
  lock(): string | undefined;
  /** Requests of this method get no answer (`hang`), or an error (`refuse`), until `behave`. */
  hang(method: string): void;
  refuse(method: string): void;
  behave(): void;
  /** Resolves at the next request of this method. */
  seen(method: string): Promise<void>;
  setState(state: string): void;
  setLock(lock: string | undefined): void;
  close(): Promise<void>;
}

export async function startStateServer(): Promise<StateServer> {
  let state: string | undefined;
  let lock: string | undefined;
  const hanging = new Set<string>();
  const refusing = new Set<string>();
  const waiting: { method: string; resolve: () => void }[] = [];

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const method = request.method ?? '';
      for (const each of waiting.filter((one) => one.method === method)) each.resolve();
      if (hanging.has(method)) return;
      const body = Buffer.concat(chunks).toString('utf8');
      const [status, answer] = refusing.has(method) ? [500, 'refused'] : handle(method, body);
      response.writeHead(status).end(answer);
    });
  });
  function handle(method: string, body: string): [number, string] {
    if (method === 'GET') return state === undefined ? [404, ''] : [200, state];
    if (method === 'LOCK') {
      if (lock !== undefined) return [423, lock];
      lock = body;
      return [200, ''];
    }
    if (method === 'UNLOCK') lock = undefined;
    else state = body;
    return [200, ''];
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/state`;
  return {
    url,
    state: () => state,
    lock: () => lock,
    hang: (method) => void hanging.add(method),
    refuse: (method) => void refusing.add(method),
    behave() {
      hanging.clear();
      refusing.clear();
    },
    seen: (method) => new Promise((resolve) => waiting.push({ method, resolve })),
    setState: (text) => void (state = text),
    setLock: (text) => void (lock = text),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
