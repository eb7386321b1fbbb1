import { setTimeout as pause } from 'node:timers/promises';
import { JiraFault } from './fault.ts';

/** One HTTP exchange, for metrics. `status` is 0 when there was no answer; `route` has no ids in it. */
export interface JiraCall {
  method: string;
  route: string;
  status: number;
  ms: number;
}

export const TIMEOUT_MS = 20_000;

const ATTEMPTS = 3;
const LONGEST_PAUSE_MS = 5_000;
const PASSING = new Set([0, 429, 500, 502, 503, 504]);

/**
 * Sends a request, again after a failure that passes by itself; a write is sent once. PUT and DELETE leave the same behind
 * however often they are sent, and a search changes nothing though it is a POST.
 */
export async function repeated<T>(
  { method, route }: { method: string; route: string },
  send: () => Promise<T>,
): Promise<T> {
  const attempts = method !== 'POST' || SEARCHES.has(route) ? ATTEMPTS : 1;
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

const SEARCHES = new Set(['search', 'search/jql']);

/** `/rest/api/3/issue/CHG-12/comment` → `issue/:key/comment`. */
export function routeOf(path: string): string {
  return path
    .replace(/^\/rest\/(?:api\/\d\/)?/, '')
    .split('/')
    .map((part) => (/^[A-Z][A-Z0-9_]+-\d+$/.test(part) ? ':key' : /^\d+$/.test(part) ? ':id' : part))
    .join('/');
}
