import { createHmac, randomUUID } from 'node:crypto';
import type { Faults } from './faults.ts';
import type { Hook, HookEvent, HookLog, Version } from './model.ts';
import { matchesPattern } from './pattern.ts';
import { knows } from './versions.ts';

const TIMEOUT_MS = 10_000;
const RESPONSE_LIMIT = 8_192;
/** A delivery held back by `hook-reorder` goes out after this long even if no other follows. */
const REORDER_LIMIT_MS = 3_000;
const FAILURES_TO_SLEEP = 4;
const FAILURES_FOR_GOOD = 40;

export const EVENT_HEADER: Record<HookEvent, string> = {
  push_events: 'Push Hook',
  tag_push_events: 'Tag Push Hook',
  merge_requests_events: 'Merge Request Hook',
  note_events: 'Note Hook',
  confidential_note_events: 'Confidential Note Hook',
  pipeline_events: 'Pipeline Hook',
  job_events: 'Job Hook',
  deployment_events: 'Deployment Hook',
  releases_events: 'Release Hook',
  emoji_events: 'Emoji Hook',
  issues_events: 'Issue Hook',
  confidential_issues_events: 'Confidential Issue Hook',
  wiki_page_events: 'Wiki Page Hook',
  repository_update_events: 'Repository Update Hook',
  feature_flag_events: 'Feature Flag Hook',
  resource_access_token_events: 'Resource Access Token Hook',
};

/** One line of `GET /sandbox/deliveries`; `fault` names the fault that struck it. */
export interface DeliveryRecord {
  at: string;
  hookId: number;
  event: string;
  idempotencyKey: string;
  status: string;
  fault: string | null;
  body: unknown;
}

interface Sender {
  version: Version;
  faults: Faults;
  /** The base URL that goes into `X-Gitlab-Instance`; known once the server listens. */
  url: () => string;
  nextId: () => number;
}

/** Sends hooks the way GitLab does: asynchronously, once, within 10 s, and disabling those that keep failing. */
export class HookQueue {
  readonly deliveries: DeliveryRecord[] = [];
  readonly #sender: Sender;
  readonly #pending = new Set<Promise<unknown>>();
  #held: (() => void)[] = [];

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  inFlight(): number {
    return this.#pending.size;
  }

  async idle(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Queues one event to every hook that wants it; `branch` is set for pushes, which hooks may filter. */
  trigger(hooks: Hook[], event: HookEvent, payload: unknown, branch?: string): void {
    for (const hook of hooks) {
      const filtered = branch !== undefined && !wantsBranch(hook, branch);
      if (!hook.events[event] || filtered || alertStatus(hook) !== 'executable') continue;
      void this.#track(this.#sendUnderFaults(hook, event, JSON.stringify(payload), randomUUID()));
    }
  }

  /** One delivery, now: for the test and resend endpoints. A success makes a disabled hook executable again. */
  async deliver(hook: Hook, event: HookEvent, body: string, idempotencyKey: string): Promise<HookLog> {
    return this.#track(this.#send(hook, event, body, idempotencyKey, null));
  }

  #track<T>(task: Promise<T>): Promise<T> {
    this.#pending.add(task);
    void task.finally(() => this.#pending.delete(task)).catch(() => undefined);
    return task;
  }

  async #sendUnderFaults(hook: Hook, event: HookEvent, body: string, key: string): Promise<void> {
    const fault = this.#sender.faults.forDelivery(EVENT_HEADER[event]);
    if (fault?.kind === 'hook-lose') {
      this.#record(hook, event, body, key, 'lost', fault.kind);
      return;
    }
    if (fault?.kind === 'hook-delay') await new Promise((resolve) => setTimeout(resolve, fault.ms ?? 1_000));
    if (fault?.kind === 'hook-reorder') await this.#untilOvertaken();
    await this.#send(hook, event, body, key, fault?.kind ?? null);
    if (fault?.kind === 'hook-double') await this.#send(hook, event, body, key, fault.kind);
    if (fault?.kind !== 'hook-reorder') this.#releaseHeld();
  }

  async #untilOvertaken(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#held.push(resolve);
      setTimeout(resolve, REORDER_LIMIT_MS).unref();
    });
  }

  #releaseHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const release of held) release();
  }

  async #send(
    hook: Hook,
    event: HookEvent,
    body: string,
    key: string,
    fault: string | null,
  ): Promise<HookLog> {
    const headers = hookHeaders(hook, event, body, key, this.#sender.version, this.#sender.url());
    const began = performance.now();
    const answer = await post(hook.url, headers, body);
    const log: HookLog = {
      id: this.#sender.nextId(),
      hookId: hook.id,
      trigger: event,
      url: hook.url,
      idempotencyKey: key,
      requestHeaders: { ...headers, ...(hook.token === null ? {} : { 'X-Gitlab-Token': '[REDACTED]' }) },
      requestBody: body,
      ...answer,
      executionDuration: (performance.now() - began) / 1_000,
      createdAt: new Date().toISOString(),
    };
    hook.log.unshift(log);
    countOutcome(hook, answer.responseStatus, this.#sender.version);
    this.#record(hook, event, body, key, answer.responseStatus, fault);
    return log;
  }

  #record(hook: Hook, event: HookEvent, body: string, key: string, status: string, fault: string | null) {
    this.deliveries.push({
      at: new Date().toISOString(),
      hookId: hook.id,
      event: EVENT_HEADER[event],
      idempotencyKey: key,
      status,
      fault,
      body: JSON.parse(body),
    });
  }
}

/** `executable`, or why GitLab would not call this hook now. */
export function alertStatus(hook: Hook): 'executable' | 'disabled' | 'temporarily_disabled' {
  if (hook.recentFailures >= FAILURES_FOR_GOOD) return 'disabled';
  const until = hook.disabledUntil;
  return until !== null && until > new Date().toISOString() ? 'temporarily_disabled' : 'executable';
}

/** The headers of one delivery; which exist depends on the GitLab version (contract: webhooks, request headers). */
export function hookHeaders(
  hook: Hook,
  event: HookEvent,
  body: string,
  key: string,
  version: Version,
  instance: string,
): Record<string, string> {
  const headers: Record<string, string> = {
    ...Object.fromEntries(hook.customHeaders.map(({ key: name, value }) => [name, value])),
    'Content-Type': 'application/json',
    'User-Agent': `GitLab/${version}.0`,
    'X-Gitlab-Event': EVENT_HEADER[event],
    'X-Gitlab-Instance': instance,
    'X-Gitlab-Webhook-UUID': randomUUID(),
    'X-Gitlab-Event-UUID': randomUUID(),
  };
  if (hook.token !== null) headers['X-Gitlab-Token'] = hook.token.replace(/[\r\n]/g, '');
  if (knows(version, 'idempotency-key')) headers['Idempotency-Key'] = key;
  if (knows(version, 'signed-hooks')) {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    headers['webhook-id'] = key;
    headers['webhook-timestamp'] = timestamp;
    if (hook.signingToken !== null) {
      headers['webhook-signature'] = signature(hook.signingToken, key, timestamp, body);
    }
  }
  return headers;
}

/** Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body` under the token's decoded key. */
function signature(signingToken: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(signingToken.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/**
 * Four failures in a row put a hook to sleep for a minute, each further one for twice as long, forty end it for good.
 * Before 17.11 the fourth answer of 4xx ended it at once, and only 5xx and silence let it come back.
 */
function countOutcome(hook: Hook, status: string, version: Version): void {
  if (/^[23]\d\d$/.test(status)) {
    hook.recentFailures = 0;
    hook.disabledUntil = null;
    return;
  }
  hook.recentFailures += 1;
  if (hook.recentFailures < FAILURES_TO_SLEEP) return;
  if (status.startsWith('4') && !knows(version, 'hooks-recover-from-4xx')) {
    hook.recentFailures = FAILURES_FOR_GOOD;
  }
  const minutes = Math.min(2 ** (hook.recentFailures - FAILURES_TO_SLEEP), 24 * 60);
  const ended = hook.recentFailures >= FAILURES_FOR_GOOD;
  hook.disabledUntil = ended ? null : new Date(Date.now() + minutes * 60_000).toISOString();
}

function wantsBranch(hook: Hook, branch: string): boolean {
  if (hook.pushEventsBranchFilter === '' || hook.branchFilterStrategy === 'all_branches') return true;
  if (hook.branchFilterStrategy === 'regex') return new RegExp(hook.pushEventsBranchFilter).test(branch);
  return matchesPattern(hook.pushEventsBranchFilter, branch);
}

/** One POST, as GitLab makes it: no redirects followed, ten seconds, the answer cut short. */
export async function post(url: string, headers: Record<string, string>, body: string) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return {
      responseStatus: String(response.status),
      responseHeaders: Object.fromEntries([...response.headers].slice(0, 50)),
      responseBody: (await response.text()).slice(0, RESPONSE_LIMIT),
    };
  } catch (error) {
    const reason = error instanceof Error ? `${error.message} ${causeOf(error)}`.trim() : String(error);
    return { responseStatus: 'internal error', responseHeaders: {}, responseBody: reason };
  }
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : '';
}
