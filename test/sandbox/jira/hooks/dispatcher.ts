import { randomUUID } from 'node:crypto';
import type { Api } from '../api.ts';
import { type JsonObject, textOf } from '../json.ts';
import { checkJql, matches } from '../search/evaluate.ts';
import { parseJql } from '../search/jql.ts';
import type { IndexedIssue } from '../search/search-index.ts';
import { hookBody } from './body.ts';
import type { SiteEvent, SiteEventType } from './events.ts';
import { hubSignature } from './signature.ts';

export interface Webhook {
  id: number;
  name: string;
  url: string;
  events: SiteEventType[];
  secret: string | null;
  jql: string;
  enabled: boolean;
  excludeBody: boolean;
  registeredBy: string;
  updated: number;
}

export interface Attempt {
  at: number;
  /** Absent on the first attempt, as is the header. */
  retry: number | null;
  /** The receiver's answer; null when there was none. */
  status: number | null;
  error: string | null;
}

export interface Delivery {
  identifier: string;
  webhookId: number;
  event: string;
  body: JsonObject;
  state: 'pending' | 'delivered' | 'waiting-for-retry' | 'failed' | 'lost';
  forged: boolean;
  attempts: Attempt[];
}

export type HookFault = 'lost' | 'doubled' | 'reordered' | 'delayed';

const retryStatuses = new Set([408, 409, 425, 429]);
const maximumRetries = 5;
const retryAfterMs = 10 * 60_000;
const timeoutMs = 20_000;

/**
 * Sends webhooks as JIRA Cloud does: signed, at least once, up to five retries with ten minutes between them; Data Center's
 * are signed as well, have no identifier and are sent once. Retries
 * wait on the dispatcher's own clock, which `advance` moves, so nobody has to wait for ten real minutes.
 */
export class HookDispatcher {
  readonly webhooks = new Map<number, Webhook>();
  readonly deliveries: Delivery[] = [];
  readonly #api: Api;
  readonly #running = new Set<Promise<void>>();
  readonly #closed = new AbortController();
  #faults: { kind: HookFault; remaining: number }[] = [];
  #held: { webhook: Webhook; delivery: Delivery }[] = [];
  #retries: { due: number; webhook: Webhook; delivery: Delivery }[] = [];
  #clock = 0;
  #lastWebhookId = 0;

  constructor(api: Api) {
    this.#api = api;
    api.site.onEvent((event) => this.#dispatch(event));
  }

  register(input: Omit<Webhook, 'id' | 'updated'>): Webhook {
    this.#lastWebhookId += 1;
    const webhook = { id: this.#lastWebhookId, updated: Date.now(), ...input };
    this.webhooks.set(webhook.id, webhook);
    return webhook;
  }

  /** The next `count` deliveries suffer `kind`. */
  fault(kind: HookFault, count: number): void {
    this.#faults.push({ kind, remaining: count });
  }

  clearFaults(): void {
    this.#faults = [];
  }

  /** Sends what `delayed` and `reordered` faults held back, the newest first. */
  releaseHeld(): number {
    const held = this.#held.toReversed();
    this.#held = [];
    for (const { webhook, delivery } of held) this.#send(webhook, delivery, null);
    return held.length;
  }

  /** Moves the retry clock and sends the retries that have become due. */
  advance(milliseconds: number): number {
    this.#clock += milliseconds;
    const due = this.#retries.filter((retry) => retry.due <= this.#clock);
    this.#retries = this.#retries.filter((retry) => retry.due > this.#clock);
    for (const { webhook, delivery } of due) this.#send(webhook, delivery, delivery.attempts.length);
    return due.length;
  }

  /** Sends a body of the caller's making, signed with the hook's own secret: what a thief of the secret could do. */
  forge(webhook: Webhook, body: JsonObject): Delivery {
    const delivery = this.#record(webhook, textOf(body['webhookEvent']), body, true);
    this.#send(webhook, delivery, null);
    return delivery;
  }

  /** Sends a delivery again under its identifier. */
  repeat(delivery: Delivery): void {
    const webhook = this.webhooks.get(delivery.webhookId);
    if (webhook !== undefined) this.#send(webhook, delivery, null);
  }

  /** Resolves when no delivery is under way; retries that wait for the clock do not count. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.settled();
  }

  #isCloud(): boolean {
    return this.#api.edition.kind === 'cloud';
  }

  #dispatch(event: SiteEvent): void {
    for (const webhook of this.webhooks.values()) {
      if (!webhook.enabled || !webhook.events.includes(event.type) || !this.#selects(webhook, event))
        continue;
      const delivery = this.#record(webhook, event.type, hookBody(this.#api, event, Date.now()), false);
      this.#deliver(webhook, delivery);
    }
  }

  /** The event's JQL filter; an empty one selects everything. */
  #selects(webhook: Webhook, event: SiteEvent): boolean {
    const { where } = parseJql(webhook.jql);
    if (where === null) return true;
    const { id, projectKey, statusId, labels, summary, created, updated } = event.issue;
    const entry: IndexedIssue = { id, projectKey, statusId, labels, summary, created, updated };
    return matches(this.#api.site, where, entry);
  }

  #record(webhook: Webhook, event: string, body: JsonObject, forged: boolean): Delivery {
    const delivery: Delivery = {
      identifier: randomUUID(),
      webhookId: webhook.id,
      event,
      // Frozen at the moment of the event: later changes of the issue must not show in it.
      body: structuredClone(body),
      state: 'pending',
      forged,
      attempts: [],
    };
    this.deliveries.push(delivery);
    return delivery;
  }

  #deliver(webhook: Webhook, delivery: Delivery): void {
    switch (this.#takeFault()) {
      case null:
        this.#send(webhook, delivery, null);
        return;
      case 'lost':
        delivery.state = 'lost';
        return;
      case 'doubled':
        this.#send(webhook, delivery, null);
        this.#send(webhook, delivery, null);
        return;
      case 'reordered':
        // Held until the next one has gone, so that two neighbours change places.
        if (this.#held.length > 0) {
          this.#send(webhook, delivery, null);
          this.releaseHeld();
        } else this.#held.push({ webhook, delivery });
        return;
      case 'delayed':
        this.#held.push({ webhook, delivery });
    }
  }

  #takeFault(): HookFault | null {
    const fault = this.#faults.find((candidate) => candidate.remaining > 0);
    if (fault === undefined) return null;
    fault.remaining -= 1;
    return fault.kind;
  }

  #send(webhook: Webhook, delivery: Delivery, retry: number | null): void {
    const task = this.#attempt(webhook, delivery, retry).finally(() => this.#running.delete(task));
    this.#running.add(task);
  }

  async #attempt(webhook: Webhook, delivery: Delivery, retry: number | null): Promise<void> {
    const attempt = await this.#post(webhook, delivery, retry);
    delivery.attempts.push(attempt);
    if (attempt.status !== null && attempt.status >= 200 && attempt.status < 300) {
      delivery.state = 'delivered';
      return;
    }
    // Data Center tries once.
    const retriable =
      this.#isCloud() &&
      (attempt.status === null || attempt.status >= 500 || retryStatuses.has(attempt.status));
    if (!retriable || (retry ?? 0) >= maximumRetries) {
      delivery.state = 'failed';
      return;
    }
    delivery.state = 'waiting-for-retry';
    this.#retries.push({ due: this.#clock + retryAfterMs, webhook, delivery });
  }

  async #post(webhook: Webhook, delivery: Delivery, retry: number | null): Promise<Attempt> {
    const at = Date.now();
    const body = webhook.excludeBody ? '' : JSON.stringify(delivery.body);
    const headers: Record<string, string> = {
      'content-type': 'application/json; charset=UTF-8',
      'user-agent': 'Atlassian Webhook HTTP Client',
      ...(this.#isCloud()
        ? { 'x-atlassian-webhook-identifier': delivery.identifier, 'x-atlassian-webhook-flow': 'Primary' }
        : {}),
    };
    if (retry !== null) headers['x-atlassian-webhook-retry'] = String(retry);
    if (webhook.secret !== null) headers['x-hub-signature'] = hubSignature(webhook.secret, body);
    try {
      const response = await fetch(webhook.url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#closed.signal]),
      });
      await response.arrayBuffer();
      return { at, retry, status: response.status, error: null };
    } catch (error) {
      return { at, retry, status: null, error: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** Refuses a filter that could never be evaluated, at registration rather than at every event. */
export function checkHookFilter(api: Api, jql: string): void {
  checkJql(api.site, parseJql(jql));
}
