import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface LoggedRequest {
  sequence: number;
  at: string;
  method: string;
  path: string;
  query: string;
  accountId: string | null;
  /** JSON of a write; uploads are told as a size. */
  body: unknown;
  /** Null while under way and when the connection was dropped. */
  status: number | null;
}

/** Every request JIRA was asked, in order of arrival. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];

  install(app: FastifyInstance, accountIdOf: (request: FastifyRequest) => string | null): void {
    const open = new WeakMap<FastifyRequest, LoggedRequest>();
    app.addHook('onRequest', async (request) => {
      const [path = '', query = ''] = request.url.split('?');
      const entry: LoggedRequest = {
        sequence: this.entries.length + 1,
        at: new Date().toISOString(),
        method: request.method,
        path,
        query,
        accountId: null,
        body: null,
        status: null,
      };
      this.entries.push(entry);
      open.set(request, entry);
    });
    app.addHook('preHandler', async (request) => {
      const entry = open.get(request);
      if (entry === undefined) return;
      entry.accountId = accountIdOf(request);
      entry.body = Buffer.isBuffer(request.body) ? { bytes: request.body.length } : (request.body ?? null);
    });
    app.addHook('onResponse', async (request, reply) => {
      const entry = open.get(request);
      if (entry !== undefined) entry.status = reply.statusCode;
    });
  }
}
