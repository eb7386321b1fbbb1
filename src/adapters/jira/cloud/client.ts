import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'jira.js/core';
import type { Client, SendRequestOptions } from 'jira.js/core';
import { getCurrentUser } from 'jira.js/cloud';
import type { z } from 'zod';
import type { TicketStatus } from '#domain/fact.ts';
import { JiraFault, faultOf } from './fault.ts';
import { account } from './schema.ts';

/** One HTTP exchange, for metrics. `status` is 0 when there was no answer; `route` has no ids in it. */
export interface JiraCall {
  method: string;
  route: string;
  status: number;
  ms: number;
}

export interface JiraCloudOptions {
  /** `https://example.atlassian.net` */
  baseUrl: string;
  email: string;
  apiToken: string;
  projectKey: string;
  issueType: { id: string } | { name: string };
  /** Status ids of the workflow, by what they mean to us. */
  statusIds: Readonly<Record<Exclude<TicketStatus, 'other'>, string>>;
  /** Our own account; asked of JIRA when left out. */
  botAccountId?: string;
  onCall?: (call: JiraCall) => void;
  /** An answer that differs from Atlassian's published schema where jira.js knows it; used all the same. */
  onSchemaMismatch?: (mismatch: { route: string; paths: string[] }) => void;
  /** For one attempt, default 20 s. */
  timeoutMs?: number;
  /** How long the search index may lag behind, default 30 s. */
  indexLagMs?: number;
  now?: () => Date;
}

/** What every part of the adapter works with. */
export interface Jira {
  client: Client;
  options: JiraCloudOptions;
  /** Our account id; asked once per process, and again after a failure. */
  self(): Promise<string>;
}

const ATTEMPTS = 3;
const LONGEST_PAUSE_MS = 5_000;
const PASSING = new Set([0, 429, 500, 502, 503, 504]);
const PATH = /^\/rest\/api\/3(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/;

/**
 * jira.js with what it lacks (6.2.0): a time-out, a check of the path (it encodes none), retries that repeat no write,
 * and errors that may be logged. Its functions take anything with `sendRequest`, so all of it sits in one place. Answers
 * are handed on as they came, for digests that anybody can recompute; the library's schemas only give their opinion.
 */
export function createJira(options: JiraCloudOptions): Jira {
  const inner = createClient({
    host: options.baseUrl.replace(/\/+$/, ''),
    auth: { type: 'basic', email: options.email, apiToken: options.apiToken },
    onSchemaMismatch: 'silent',
  });
  const client: Client = {
    async sendRequest<T>({ schema, ...request }: SendRequestOptions<T>): Promise<T> {
      if (!PATH.test(request.url))
        throw new Error(`not a path of JIRA's API: ${JSON.stringify(request.url)}`);
      const method = request.method ?? 'GET';
      const call = { method, route: routeOf(request.url) };
      const answer = await repeated(isRead(method, call.route) ? ATTEMPTS : 1, () =>
        timed(() => inner.sendRequest<T>(request), call, options),
      );
      const opinion = answer === undefined ? undefined : schema?.safeParse(answer);
      if (opinion?.success === false) {
        const paths = opinion.error.issues.map((issue) => issue.path.join('.'));
        options.onSchemaMismatch?.({ route: `${method} ${call.route}`, paths });
      }
      return answer;
    },
  };
  let me: Promise<string> | undefined;
  return {
    client,
    options,
    self() {
      if (options.botAccountId !== undefined) return Promise.resolve(options.botAccountId);
      me ??= getCurrentUser(client).then(
        (answer) => parse(account, answer, 'myself').accountId,
        (error: unknown) => {
          me = undefined;
          throw error;
        },
      );
      return me;
    },
  };
}

/** The answer as our schema reads it; a fault when JIRA's shape is not the one we know. */
export function parse<T extends z.ZodType>(schema: T, answer: unknown, what: string): z.output<T> {
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  const where = read.error.issues.map((issue) => issue.path.join('.') || '(root)').join(', ');
  throw new JiraFault('jira-unexpected-answer', `JIRA's answer for ${what} has another shape: ${where}`, {
    status: 200,
    retryable: false,
  });
}

const KEY = /^[A-Z][A-Z0-9_]{1,19}-[1-9]\d{0,9}$/;

/** The key, checked: it goes into paths and queries as it is. */
export function ticketKey(key: string): string {
  if (!KEY.test(key)) throw new Error(`not a ticket key: ${JSON.stringify(key.slice(0, 100))}`);
  return key;
}

/** PUT replaces a whole and may be repeated; a search changes nothing though it is a POST. */
function isRead(method: string, route: string): boolean {
  return method !== 'POST' || route === 'search/jql';
}

async function repeated<T>(attempts: number, send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (attempt >= attempts || !(error instanceof JiraFault) || !PASSING.has(error.status)) throw error;
      const backOff = 200 * 2 ** attempt * (0.5 + Math.random() / 2);
      const wait = Math.max(error.retryAfterMs ?? 0, backOff);
      if (wait > LONGEST_PAUSE_MS) throw error;
      await pause(wait);
    }
  }
}

/** One attempt, bounded in time: the library takes no signal, so a call that is given up goes on unheard. */
async function timed<T>(
  send: () => Promise<T>,
  call: { method: string; route: string },
  options: JiraCloudOptions,
): Promise<T> {
  const started = performance.now();
  const clock = new AbortController();
  const name = `${call.method} ${call.route}`;
  let status = 0;
  try {
    const answer = await Promise.race([send(), expiry(options.timeoutMs ?? 20_000, name, clock.signal)]);
    status = 200;
    return answer;
  } catch (error) {
    const fault = faultOf(error, name, options.apiToken);
    status = fault.status;
    throw fault;
  } finally {
    clock.abort();
    options.onCall?.({ ...call, status, ms: performance.now() - started });
  }
}

async function expiry(ms: number, call: string, signal: AbortSignal): Promise<never> {
  await pause(ms, undefined, { signal });
  throw new JiraFault('jira-timeout', `JIRA did not answer in time: ${call}`, { status: 0, retryable: true });
}

/** `/rest/api/3/issue/CHG-12/comment` → `issue/:key/comment` */
function routeOf(path: string): string {
  return path
    .replace('/rest/api/3/', '')
    .split('/')
    .map((part) => (KEY.test(part) ? ':key' : /^\d+$/.test(part) ? ':id' : part))
    .join('/');
}
