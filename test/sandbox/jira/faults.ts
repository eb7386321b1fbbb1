import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';

export type FaultKind =
  | 'rate-limited'
  | 'server-error'
  | 'unavailable'
  | 'conflict'
  | 'redirected'
  | 'slow'
  | 'reset-before-write'
  | 'reset-after-write'
  | 'altered';

export interface Fault {
  id: number;
  kind: FaultKind;
  /** Null: any method. */
  method: string | null;
  /** Whose requests, by the name they log in with. Null: anybody's. */
  account: string | null;
  /** Matched against the path, without the query. */
  path: RegExp;
  /** How many requests it still hits. */
  remaining: number;
  retryAfterSeconds: number;
  rateLimitReason: string;
  delayMs: number;
  /** What an altered answer says instead, by JSON pointer. */
  set: Record<string, unknown>;
  /** What it leaves out; `-` stands for the last of a list. */
  cut: string[];
  hits: number;
}

export type StopMode = 'running' | 'unavailable' | 'dropped';

/** What goes wrong on demand, in front of everything JIRA offers; the sandbox's own API is never hit. */
export class Faults {
  mode: StopMode = 'running';
  readonly #faults: Fault[] = [];

  add(fault: Omit<Fault, 'id' | 'hits'>): Fault {
    const added = { id: this.#faults.length + 1, hits: 0, ...fault };
    this.#faults.push(added);
    return added;
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  heal(): void {
    this.mode = 'running';
    for (const fault of this.#faults) fault.remaining = 0;
  }

  take(method: string, path: string, account: string | null): Fault | null {
    const fault = this.#faults.find(
      (candidate) =>
        candidate.remaining > 0 &&
        (candidate.method === null || candidate.method === method) &&
        (candidate.account === null || candidate.account === account) &&
        candidate.path.test(path),
    );
    if (fault === undefined) return null;
    fault.remaining -= 1;
    fault.hits += 1;
    return fault;
  }
}

/** Puts the faults in front of the routes of `app`. */
export function installFaults(app: FastifyInstance, faults: Faults): void {
  const resetAfter = new WeakSet<FastifyRequest>();
  const altered = new WeakMap<FastifyRequest, Fault>();
  const delays = new WeakMap<FastifyRequest, number>();

  app.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    if (faults.mode === 'dropped') return drop(request, reply);
    if (faults.mode === 'unavailable') return refuse(reply, 503, 'The service is temporarily unavailable.');
    const fault = faults.take(request.method, path, callerIn(request));
    if (fault === null) return undefined;
    switch (fault.kind) {
      case 'rate-limited':
        void reply
          .header('retry-after', String(fault.retryAfterSeconds))
          .header('ratelimit-reason', fault.rateLimitReason)
          .header('x-ratelimit-remaining', '0');
        return refuse(reply, 429, 'Rate limit exceeded.');
      case 'server-error':
        return refuse(reply, 500, 'Internal server error');
      case 'unavailable':
        if (fault.retryAfterSeconds > 0) void reply.header('retry-after', String(fault.retryAfterSeconds));
        return refuse(reply, 503, 'The service is temporarily unavailable.');
      case 'conflict':
        return refuse(reply, 409, 'The issue could not be updated due to a conflicting update.');
      case 'redirected':
        return reply.redirect('http://127.0.0.2:9/elsewhere', 302);
      case 'slow':
        delays.set(request, fault.delayMs);
        return undefined;
      case 'reset-before-write':
        return drop(request, reply);
      case 'reset-after-write':
        resetAfter.add(request);
        return undefined;
      case 'altered':
        altered.set(request, fault);
        return undefined;
    }
  });

  // With the request read: what is asked is done in the end, though nobody may be waiting for it any more.
  app.addHook('preHandler', async (request) => {
    const delay = delays.get(request);
    if (delay !== undefined) await sleep(delay, undefined, { ref: false });
  });

  app.addHook('onSend', async (request, reply, payload) => {
    if (resetAfter.has(request)) drop(request, reply);
    const lie = altered.get(request);
    return lie === undefined || typeof payload !== 'string' ? payload : retold(payload, lie);
  });
}

/** The name in Basic credentials; a token alone names nobody. */
function callerIn({ headers }: FastifyRequest): string | null {
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1];
  return basic === undefined ? null : (Buffer.from(basic, 'base64').toString().split(':')[0] ?? null);
}

/** The answer as a JIRA that is wrong would give it. */
function retold(payload: string, { cut, set }: Fault): string {
  const answer: unknown = JSON.parse(payload);
  for (const [pointer, value] of Object.entries(set))
    at(answer, pointer, (place, key) => (place[key] = value));
  for (const pointer of cut)
    at(answer, pointer, (place, key) => {
      if (Array.isArray(place)) place.splice(Number(key), 1);
      else delete place[key];
    });
  return JSON.stringify(answer);
}

type Place = Record<string, unknown>;

/** Goes to where a JSON pointer leads, if it leads anywhere, and does something there. */
function at(answer: unknown, pointer: string, change: (place: Place, key: string) => void): void {
  const path = pointer.split('/').slice(1);
  let place: unknown = answer;
  for (const [depth, step] of path.entries()) {
    if (typeof place !== 'object' || place === null) return;
    const key = step === '-' && Array.isArray(place) ? String(place.length - 1) : step;
    if (depth === path.length - 1) return change(place as Place, key);
    place = (place as Place)[key];
  }
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ errorMessages: [message], errors: {} });
}

/** Ends the connection without an answer. */
function drop(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.resetAndDestroy();
  return reply;
}
