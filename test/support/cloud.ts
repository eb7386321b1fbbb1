import { createServer, type ServerResponse } from 'node:http';
import { rootModule } from '#test/sandbox/house/root-modules.ts';
import { until } from '#test/sandbox/house/http.ts';

/**
 * What an apply changes in the world: a place that counts how often each thing was made, and that answers only when it
 * is told to, so that a test can do something in the middle of an apply without waiting for a clock.
 */
export interface Cloud {
  /** Terraform code that makes the thing; it is made when the apply runs, and again by every other apply of it. */
  thing(name: string, input?: string): string;
  /** How often it was begun to be made. */
  count(name: string): number;
  /** Waits until it is being made. */
  begun(name: string): Promise<void>;
  /** Lets the making of it come to its end, now and from now on. */
  finish(name: string): void;
  close(): Promise<void>;
}

export async function openCloud(): Promise<Cloud> {
  const begun = new Map<string, number>();
  const finished = new Set<string>();
  const waiting = new Map<string, Set<ServerResponse>>();
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1);
    begun.set(name, (begun.get(name) ?? 0) + 1);
    if (finished.has(name)) return response.end('made\n');
    const others = waiting.get(name) ?? new Set<ServerResponse>();
    waiting.set(name, others.add(response));
    return response;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const count = (name: string) => begun.get(name) ?? 0;
  return {
    count,
    // Bash is part of every Debian, and its /dev/tcp needs no other program inside the sandbox.
    thing: (name, input = name) => `resource "terraform_data" "made" {
  input = ${JSON.stringify(input)}
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]
    command     = "exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET /${name} HTTP/1.0\\\\r\\\\n\\\\r\\\\n' >&3; grep -q made <&3"
  }
}
`,
    begun: async (name) => {
      await until(`${name} to be made`, async () => (count(name) > 0 ? true : undefined));
    },
    finish(name) {
      finished.add(name);
      for (const response of waiting.get(name) ?? []) response.end('made\n');
      waiting.delete(name);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A root module that makes one thing in the cloud. */
export function cloudModule(
  cloud: Cloud,
  place: { gitlabUrl: string; project: number },
  name: string,
  input?: string,
): string {
  return rootModule({ ...place, state: name }, cloud.thing(name, input));
}
