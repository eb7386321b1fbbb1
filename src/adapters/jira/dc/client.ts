import { TIMEOUT_MS, repeated, routeOf } from '../attempts.ts';
import { JiraFault, answered, timedOut, unreachable, unreadable } from '../fault.ts';
import type { JiraOptions } from '../options.ts';

export interface JiraDataCenterOptions extends JiraOptions {
  /** A personal access token. */
  token: string;
  /** User keys that no person uses: automation, integrations. */
  machineAccounts?: readonly string[];
}

export interface DcRequest {
  method: 'GET' | 'POST' | 'PUT';
  /** Segments below `/rest/`, each encoded by itself. */
  path: readonly string[];
  query?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** Sent as JSON, a form as it is. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** The JSON that JIRA answers; `undefined` for an empty answer. */
export type DcClient = (request: DcRequest) => Promise<unknown>;

const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Data Center's REST API over `fetch`, since no client that is kept up speaks it: paths that cannot be escaped from, a
 * time-out that ends the call, retries that repeat no write, no redirects (the token would go along), a cap on what is read,
 * and errors that may be logged.
 */
export function createDcClient(options: JiraDataCenterOptions): DcClient {
  const base = `${options.baseUrl.replace(/\/+$/, '')}/rest/`;
  return (request) => {
    const url = urlOf(base, request);
    const call = { method: request.method, route: routeOf(`/rest/${request.path.join('/')}`) };
    return repeated(call, () => send(url, request, call, options));
  };
}

function urlOf(base: string, { path, query = {} }: DcRequest): URL {
  const strange = path.find((segment) => segment === '' || segment === '.' || segment === '..');
  if (strange !== undefined || path.length === 0)
    throw new Error(`not a path of JIRA's API: ${JSON.stringify(path)}`);
  const url = new URL(base + path.map(encodeURIComponent).join('/'));
  for (const [name, value] of Object.entries(query))
    url.searchParams.set(name, Array.isArray(value) ? value.join(',') : String(value));
  return url;
}

async function send(
  url: URL,
  request: DcRequest,
  call: { method: string; route: string },
  options: JiraDataCenterOptions,
): Promise<unknown> {
  const started = performance.now();
  const name = `${call.method} ${call.route}`;
  let status = 0;
  try {
    const response = await fetch(url, {
      ...init(request, options.token),
      signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
    });
    status = response.status;
    const text = await readText(response, name);
    if (response.ok) return text === '' ? undefined : parsed(text, name, status);
    const retryAfterMs = waitOf(response.headers.get('retry-after'));
    throw answered({ status, body: parsedOr(text), retryAfterMs }, name, options.token);
  } catch (error) {
    const fault = faultOf(error, name);
    status = fault.status;
    throw fault;
  } finally {
    options.onCall?.({ ...call, status, ms: performance.now() - started });
  }
}

function init({ body, headers = {}, method }: DcRequest, token: string): RequestInit {
  const common = { accept: 'application/json', authorization: `Bearer ${token}`, ...headers };
  const plain = { method, headers: common, redirect: 'manual' } as const;
  if (body === undefined) return plain;
  if (body instanceof FormData) return { ...plain, body };
  return { ...plain, headers: { ...common, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** The whole answer, unless it is larger than anything JIRA has reason to send. */
async function readText(response: Response, call: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw unreadable(call, response.status);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string, call: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(call, status);
  }
}

/** What is no JSON, such as a proxy's page, tells nothing. */
function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `Retry-After` in seconds or as a date. */
function waitOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Messages and causes of `fetch` may carry the address with what is in it, so only the code of the cause is kept. */
function faultOf(error: unknown, call: string): JiraFault {
  if (error instanceof JiraFault) return error;
  if (error instanceof Error && error.name === 'TimeoutError') return timedOut(call);
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return unreachable(code, call);
}
