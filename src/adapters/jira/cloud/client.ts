import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'jira.js/core';
import type { Client, SendRequestOptions } from 'jira.js/core';
import { TIMEOUT_MS, repeated, routeOf } from '../attempts.ts';
import { timedOut } from '../fault.ts';
import type { JiraOptions } from '../options.ts';
import { faultOf } from './fault.ts';

export interface JiraCloudOptions extends JiraOptions {
  email: string;
  apiToken: string;
}

const PATH = /^\/rest\/(?:api\/3|servicedeskapi)(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/;

/**
 * jira.js with what it lacks (6.2.0): a time-out, a check of the path (it encodes none), retries that repeat no write,
 * and errors that may be logged. Answers are handed on as they came, for digests that anybody can recompute.
 */
export function createCloudClient(options: JiraCloudOptions): Client {
  const inner = createClient({
    host: options.baseUrl.replace(/\/+$/, ''),
    auth: { type: 'basic', email: options.email, apiToken: options.apiToken },
    onSchemaMismatch: 'silent',
  });
  return {
    async sendRequest<T>(request: SendRequestOptions<T>): Promise<T> {
      if (!PATH.test(request.url))
        throw new Error(`not a path of JIRA's API: ${JSON.stringify(request.url)}`);
      const call = { method: request.method ?? 'GET', route: routeOf(request.url) };
      return repeated(call, () => timed(() => inner.sendRequest<T>(request), call, options));
    },
  };
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
    const answer = await Promise.race([send(), expiry(options.timeoutMs ?? TIMEOUT_MS, name, clock.signal)]);
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
  throw timedOut(call);
}
