import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is counted in the database at scrape time, so that every process of the service tells the same. */
export interface MetricReadings {
  outbox: readonly { effect: string; waiting: number; oldestSeconds: number }[];
  outboxGivenUp: number;
  changes: readonly { status: string; count: number }[];
  attempts: readonly { outcome: string; count: number }[];
  /** How long plan runs of the last 24 hours took; a quantile is absent when there was none. */
  planSeconds: readonly { quantile: string; seconds: number }[];
  foundByPolling: number;
  /** What the sweep could not do when it last tried, by its step. */
  sweepFailing: readonly { step: string; count: number }[];
  /** GitLab's webhooks that lead here, by how GitLab says they do. */
  hooks: readonly { state: string; count: number }[];
  /** Release tags by how they compare with what was made. */
  releaseTags: readonly { standing: string; count: number }[];
  auditEntries: number;
  /** What was applied in an emergency: ever, not approved yet, and not approved in time. */
  breakGlass: { used: number; unpaid: number; overdue: number };
}

export type DeliveryResult = 'stored' | 'duplicate' | 'ignored' | 'refused' | 'malformed' | 'failed';

export interface Metrics {
  /** One HTTP request: `route` is the pattern, never the path, so that labels stay few. */
  observeRequest(request: { method: string; route: string; status: number; seconds: number }): void;
  countDelivery(source: 'gitlab' | 'jira', result: DeliveryResult): void;
  /** The Prometheus text, with readings taken now. */
  scrape(): Promise<{ contentType: string; text: string }>;
}

/** The metrics of one process, on a registry of their own. All names begin with `countersign_`. */
export function createMetrics(read: () => Promise<MetricReadings>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: 'countersign_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last byte of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const deliveries = new Counter({
    name: 'countersign_deliveries_total',
    help: 'Webhook deliveries received by this process.',
    labelNames: ['source', 'result'],
    registers,
  });
  const show = databaseMetrics(registry);
  return {
    observeRequest: ({ method, route, status, seconds }) =>
      requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds),
    countDelivery: (source, result) => deliveries.inc({ source, result }),
    async scrape() {
      show(await read());
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function databaseMetrics(registry: Registry): (readings: MetricReadings) => void {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name: `countersign_${name}`, help, labelNames, registers });
  const depth = gauge('outbox_depth', 'Effects that wait or run.', ['effect']);
  const age = gauge('outbox_oldest_seconds', 'Age of the oldest effect that waits or runs.', ['effect']);
  const givenUp = gauge('outbox_given_up', 'Effects that were given up and need a person.');
  const changes = gauge('changes', 'Changes by status.', ['status']);
  const attempts = gauge('attempts', 'Attempts to apply by outcome; "open" has none yet.', ['outcome']);
  const entries = gauge('audit_log_entries', 'Size of the audit log.');
  const polled = new Counter({
    name: 'countersign_found_by_polling_total',
    help: 'Things the sweep found that no webhook had told.',
    registers,
  });
  const failing = gauge('sweep_failing', 'What the sweep could not do when it last tried.', ['step']);
  const hooks = gauge('gitlab_hooks', 'Webhooks of GitLab that lead here, by state.', ['state']);
  const tags = gauge('release_tags', 'Release tags by how they compare with the log.', ['standing']);
  const used = new Counter({
    name: 'countersign_break_glass_used_total',
    help: 'Times that something was applied in an emergency, before it was approved.',
    registers,
  });
  const debts = gauge('break_glass_debts', 'Emergency applies that nobody has approved yet.', ['state']);
  const plans = gauge('plan_duration_seconds', 'Duration of plan runs over the last 24 hours.', ['quantile']);
  return (readings) => {
    for (const metric of [depth, age, changes, attempts, hooks, failing, tags, polled, used, debts, plans])
      metric.reset();
    for (const { effect, waiting, oldestSeconds } of readings.outbox) {
      depth.set({ effect }, waiting);
      age.set({ effect }, oldestSeconds);
    }
    for (const { status, count } of readings.changes) changes.set({ status }, count);
    for (const { outcome, count } of readings.attempts) attempts.set({ outcome }, count);
    for (const { state, count } of readings.hooks) hooks.set({ state }, count);
    for (const { step, count } of readings.sweepFailing) failing.set({ step }, count);
    for (const { standing, count } of readings.releaseTags) tags.set({ standing }, count);
    givenUp.set(readings.outboxGivenUp);
    entries.set(readings.auditEntries);
    polled.inc(readings.foundByPolling);
    used.inc(readings.breakGlass.used);
    debts.set({ state: 'unpaid' }, readings.breakGlass.unpaid);
    debts.set({ state: 'overdue' }, readings.breakGlass.overdue);
    for (const { quantile, seconds } of readings.planSeconds) plans.set({ quantile }, seconds);
  };
}
