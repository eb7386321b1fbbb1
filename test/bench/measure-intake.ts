import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { startChild } from '#test/sandbox/house/child.ts';
import { median, percentile, ratio, type Row } from './result.ts';
import type { Stage } from './stage.ts';

const CONNECTIONS = 20;

interface Load {
  perSecond: number;
  /** Milliseconds within which 99 of 100 are answered. */
  p99: number;
}

/**
 * Deliveries that are all new, over so many connections of this machine, for so long; to the service's server and to a
 * bare route in turns. Stops the workers first: what the deliveries would lead to is not measured here.
 */
export async function measureIntake(stage: Stage, forMs: number, repetitions: number): Promise<Row[]> {
  await stage.stopWorkers();
  const [sent] = await stage.query<{ body: string }>(
    `select body from webhook_deliveries where source = 'gitlab' and event = 'merge-request' limit 1`,
  );
  if (sent === undefined) throw new Error('no delivery was stored yet whose like could be sent');
  const body = Buffer.from(sent.body);
  const { gitlabSegment, gitlabSigningToken } = stage.hooks;
  const address = `${stage.serverUrl}/hooks/gitlab/${gitlabSegment}`;
  const bare = await startChild<{ url: string }>(
    [join(import.meta.dirname, 'bare-route.ts'), stage.databaseUrl],
    {
      log: join(stage.logs, 'bare-route.log'),
      env: { PATH: process.env['PATH'] ?? '' },
    },
  );
  try {
    const signer = new Webhook(gitlabSigningToken);
    const both = { ours: [] as Load[], bare: [] as Load[] };
    // The first of each warms up code and connections.
    for (let round = 0; round <= repetitions; round += 1) {
      for (const [name, url] of [
        ['ours', address],
        ['bare', bare.ready.url],
      ] as const) {
        const load = await loadWith(url, body, signer, round === 0 ? Math.min(forMs, 1_000) : forMs);
        if (round > 0) both[name].push(load);
      }
    }
    const middle = (loads: readonly Load[], pick: (each: Load) => number) => median(loads.map(pick));
    return [
      ratio({
        id: 'intake-rate',
        what: 'webhook intake / a bare route with the same insert',
        ours: middle(both.ours, ({ perSecond }) => perSecond),
        other: middle(both.bare, ({ perSecond }) => perSecond),
        unit: 'requests/s',
        goal: { at: 'least', value: 0.9 },
      }),
      ratio({
        id: 'intake-p99',
        what: 'webhook intake, 99 of 100 answered within',
        ours: middle(both.ours, ({ p99 }) => p99),
        other: middle(both.bare, ({ p99 }) => p99),
        unit: 'ms',
        goal: { at: 'most', value: 1.5 },
      }),
    ];
  } finally {
    await bare.stop();
  }
}

async function loadWith(url: string, body: Buffer, signer: Webhook, forMs: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const times: number[] = [];
  const from = performance.now();
  const until = from + forMs;
  const text = body.toString('utf8');
  const one = async () => {
    while (performance.now() < until) {
      const id = randomUUID();
      const now = new Date();
      const headers = {
        'content-type': 'application/json',
        'x-gitlab-event': 'Merge Request Hook',
        'idempotency-key': id,
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': signer.sign(id, now, text),
      };
      const sent = performance.now();
      const status = await post(url, headers, body, agent);
      if (status !== 200) throw new Error(`${url} answered ${status}`);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  const seconds = (performance.now() - from) / 1000;
  agent.destroy();
  return { perSecond: times.length / seconds, p99: percentile(times, 0.99) };
}

function post(url: string, headers: Record<string, string>, body: Buffer, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', headers: { ...headers, 'content-length': body.length }, agent },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}
