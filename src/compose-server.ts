import { receiveDelivery } from '#app/receive-delivery.ts';
import { recordRead } from '#app/record-read.ts';
import { buildApp } from '#http/app.ts';
import { checkSchema } from '#store/check-schema.ts';
import { readHead } from '#store/audit.ts';
import { createSessions } from '#store/sessions.ts';
import { readWorkers } from '#store/workers.ts';
import { createMetrics } from '#telemetry/metrics.ts';
import { hooksInWords } from '#views/hook-states.ts';
import { readMetrics } from '#views/metric-readings.ts';
import { openOutputBell } from '#views/output-bell.ts';
import { sweepInWords } from '#views/sweep-faults.ts';
import { tagsInWords } from '#views/stray-tags.ts';
import { createViews } from '#views/views.ts';
import { composeBase } from './compose.ts';
import { gitlabHookSecrets, gitlabSource, jiraSource } from './compose-hooks.ts';
import { composeKnownPeople } from './compose-directory.ts';
import { composeLogin } from './compose-login.ts';
import { composeQueue } from './compose-queue.ts';
import type { Config, Secrets } from './config.ts';

/** Workers say that they live every ten seconds. */
const WORKER_SEEN_WITHIN_SECONDS = 60;

const MIGRATIONS = new URL('../migrations/', import.meta.url).pathname;

/** The HTTP server with everything it needs, and how to close it. */
export function composeServer(config: Config, secrets: Secrets) {
  const base = composeBase(config, secrets, 'server');
  const { database, db, log } = base;
  const queue = composeQueue(secrets, log);
  const outputBell = openOutputBell(database.pool, (error) =>
    log.warn({ err: error }, 'output notifications were lost'),
  );
  const app = buildApp({
    log,
    metrics: createMetrics(() => readMetrics(db, async () => (await readHead(db)).size)),
    views: createViews(db, composeKnownPeople(config, secrets, base)),
    outputBell,
    externalUrl: config.externalUrl,
    trustedProxies: config.http.trustedProxies,
    hooks: {
      gitlab: config.gitlab.hooks.map((hook) =>
        gitlabSource(hook, config.gitlab, gitlabHookSecrets(secrets, hook.segment)),
      ),
      jira: [jiraSource(config.jira.hook.segment, secrets)],
      receiveDelivery: (delivery) => receiveDelivery(db, delivery),
    },
    access: {
      mode: config.auth.mode,
      tokens: config.auth.mode === 'demo' ? [] : config.auth.tokens,
      people: config.people,
      sessions: createSessions(db),
      ...composeLogin(config, secrets, base),
    },
    readiness: readiness(config, secrets, base, queue),
    recordRead: ({ person, ...read }) => recordRead(db, { ...read, by: { kind: 'person', id: person } }),
  });
  return {
    ...base,
    app,
    async close() {
      await app.close();
      await outputBell.close();
      await queue.close();
      await database.close();
    },
  };
}

function readiness(
  config: Config,
  secrets: Secrets,
  { database, db }: ReturnType<typeof composeBase>,
  queue: ReturnType<typeof composeQueue>,
) {
  return [
    {
      name: 'database schema',
      async probe() {
        const problems = await checkSchema(database.pool, MIGRATIONS);
        return problems.length === 0
          ? { ok: true as const }
          : { ok: false as const, reason: problems.join(' ') };
      },
    },
    {
      name: 'audit log',
      async probe() {
        return { ok: true as const, detail: `${(await readHead(db)).size} entries` };
      },
    },
    {
      name: 'queue',
      async probe() {
        await queue.ping();
        return { ok: true as const, detail: secrets.redisUrl === undefined ? 'PostgreSQL' : 'Redis' };
      },
    },
    {
      name: 'webhooks',
      async probe() {
        return { ok: true as const, detail: await hooksInWords(db) };
      },
    },
    {
      name: 'sweep',
      async probe() {
        return { ok: true as const, detail: await sweepInWords(db) };
      },
    },
    {
      name: 'release tags',
      async probe() {
        return { ok: true as const, detail: await tagsInWords(db) };
      },
    },
    {
      name: 'workers',
      async probe() {
        const workers = await readWorkers(db, WORKER_SEEN_WITHIN_SECONDS);
        const bare = workers.filter(({ isolation }) => isolation === 'none');
        if (workers.length === 0) return { ok: false as const, reason: 'no worker has been heard of lately' };
        if (bare.length > 0 && config.terraform.requireIsolation) {
          return {
            ok: false as const,
            reason: `isolation: none on ${bare.map(({ name }) => name).join(', ')}`,
          };
        }
        const kinds = [...new Set(workers.map(({ isolation }) => isolation))].join(', ');
        return { ok: true as const, detail: `${workers.length}, isolation: ${kinds}` };
      },
    },
  ];
}

/** Every reason not to start, each with what to do. */
export async function startProblems({
  database,
}: Pick<ReturnType<typeof composeBase>, 'database'>): Promise<string[]> {
  return checkSchema(database.pool, MIGRATIONS);
}
