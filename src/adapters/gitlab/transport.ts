import { setTimeout as pause } from 'node:timers/promises';
import { createRequesterFn } from '@gitbeaker/requester-utils';
import type {
  FormattedResponse,
  RequestHandlerFn,
  RequestOptions,
  ResponseBodyTypes,
} from '@gitbeaker/requester-utils';
import { GitlabFault, faultOfAnswer } from './fault.ts';

/** One HTTP exchange, for metrics. `status` is 0 when there was no answer; `route` has no ids in it. */
export interface GitlabCall {
  method: string;
  route: string;
  status: number;
  ms: number;
}

export interface TransportOptions {
  /** Never shown: whatever GitLab echoes of it is cut out of messages. */
  token: string;
  onCall?: (call: GitlabCall) => void;
  /** For one attempt, default 20 s. */
  timeoutMs?: number;
  /** Default 16 MiB. */
  maxAnswerBytes?: number;
}

const ATTEMPTS = 3;
const LONGEST_PAUSE_MS = 5_000;
const PASSING = new Set([0, 429, 500, 502, 503, 504]);

/**
 * The transport gitbeaker is given in place of its own, which repeats every verb ten times within 0.3 s and ignores
 * `Retry-After` (43.8.0). Here a POST is sent once; GET, PUT and DELETE are repeated while trying again can help, and
 * not when GitLab asks for a longer pause than a job should spend waiting. Redirects are refused: they would carry the
 * token to another host.
 */
export function createTransport(options: TransportOptions) {
  const handler = async (endpoint: string, given: RequestOptions = {}) => {
    const request = readRequest(endpoint, given);
    const attempts = request.method === 'POST' ? 1 : ATTEMPTS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await exchange(request, options);
      } catch (error) {
        const wait = error instanceof GitlabFault ? pauseBefore(error, attempt) : undefined;
        if (attempt >= attempts || wait === undefined) throw error;
        await pause(wait);
      }
    }
  };
  return createRequesterFn((_, request) => Promise.resolve(request), handler as RequestHandlerFn);
}

interface Request {
  url: URL;
  method: string;
  route: string;
  headers: Record<string, string>;
  body: string | undefined;
}

function readRequest(endpoint: string, given: RequestOptions): Request {
  const { prefixUrl = '', searchParams, method = 'GET', headers = {}, body } = given;
  const url = new URL(endpoint, prefixUrl.endsWith('/') ? prefixUrl : `${prefixUrl}/`);
  url.search = searchParams ?? '';
  // gitbeaker puts `{}` into what needs no body; GET may have none.
  const sent = typeof body === 'string' && method !== 'GET' ? body : undefined;
  return { url, method, route: routeOf(url), headers, body: sent };
}

/** `/projects/7/merge_requests/12` → `projects/:id/merge_requests/:id`; nothing of a path is a metric label. */
function routeOf(url: URL): string {
  return url.pathname
    .replace(/^.*\/api\/v4\//, '')
    .split('/')
    .map((part, at, parts) => {
      if (/^\d+$/.test(part)) return ':id';
      const before = parts[at - 1] ?? '';
      const names = ['statuses', 'commits', 'branches', 'tags', 'protected_tags', 'protected_branches'];
      return names.includes(before) ? ':name' : part;
    })
    .join('/');
}

async function exchange(request: Request, options: TransportOptions): Promise<FormattedResponse> {
  const started = performance.now();
  let status = 0;
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeoutMs ?? 20_000),
    });
    status = response.status;
    const text = await readCapped(response, options.maxAnswerBytes ?? 16 * 1024 * 1024, request);
    if (!response.ok) {
      const said = shortMessage(text).replaceAll(options.token, '[token]');
      throw faultOfAnswer(callOf(request), status, said, retryAfterMs(response.headers.get('retry-after')));
    }
    return {
      body: parseBody(text, response, request),
      headers: Object.fromEntries(response.headers),
      status,
    };
  } catch (error) {
    throw error instanceof GitlabFault ? error : noAnswer(request, error);
  } finally {
    const { method, route } = request;
    options.onCall?.({ method, route, status, ms: performance.now() - started });
  }
}

async function readCapped(response: Response, most: number, request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // A reader that stops half-way cancels the body and with it the connection.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > most) {
      throw new GitlabFault(
        'gitlab-answer-too-large',
        `GitLab's answer to ${callOf(request)} is larger than ${most} bytes`,
        { status: response.status, retryable: false },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string, response: Response, request: Request): ResponseBodyTypes {
  const json = (response.headers.get('content-type') ?? '').startsWith('application/json');
  if (!json || text === '') return text === '' ? null : text;
  try {
    return JSON.parse(text) as ResponseBodyTypes;
  } catch {
    throw new GitlabFault('gitlab-unexpected-answer', `GitLab's answer to ${callOf(request)} is not JSON`, {
      status: response.status,
      retryable: true,
    });
  }
}

/** GitLab says `{"message": "…"}`, `{"message": {"field": ["…"]}}`, `{"error": "…"}` or plain text. */
function shortMessage(text: string): string {
  let said: unknown = text;
  try {
    const body = JSON.parse(text) as { message?: unknown; error?: unknown } | null;
    said = body?.message ?? body?.error ?? '';
  } catch {
    // Plain text it is.
  }
  const line = typeof said === 'string' ? said : JSON.stringify(said);
  return line.replace(/\s+/g, ' ').trim().slice(0, 300);
}

function noAnswer(request: Request, error: unknown): GitlabFault {
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const code = timedOut ? 'gitlab-timeout' : 'gitlab-unreachable';
  // Only the system's error code is kept: an error's cause may hold the request and with it the token.
  const system = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const reason = system !== undefined && 'code' in system ? ` (${String(system.code)})` : '';
  const detail = timedOut ? 'did not answer in time' : `could not be reached${reason}`;
  return new GitlabFault(code, `GitLab ${detail}: ${callOf(request)}`, { status: 0, retryable: true });
}

function retryAfterMs(header: string | null): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** Milliseconds to wait before another try; `undefined` when there is to be none. */
function pauseBefore(fault: GitlabFault, attempt: number): number | undefined {
  if (!PASSING.has(fault.status)) return undefined;
  const backOff = 200 * 2 ** attempt * (0.5 + Math.random() / 2);
  const wait = Math.max(fault.retryAfterMs ?? 0, backOff);
  return wait > LONGEST_PAUSE_MS ? undefined : wait;
}

function callOf(request: Request): string {
  return `${request.method} ${request.route}`;
}
