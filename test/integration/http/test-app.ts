import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Person } from '#domain/gates/evidence.ts';
import { buildApp } from '#http/app.ts';
import type { AppDeps, Delivery, EvidenceRead, Sessions } from '#http/deps.ts';
import { readHead } from '#store/audit.ts';
import { type OpenDatabase, openDatabase } from '#store/database.ts';
import { sql } from '#store/query.ts';
import { createLog } from '#telemetry/log.ts';
import { createMetrics } from '#telemetry/metrics.ts';
import { createTestDatabase } from '#test/support/postgres.ts';
import { readMetrics } from '#views/metric-readings.ts';
import { openOutputBell } from '#views/output-bell.ts';
import { createViews } from '#views/views.ts';

export const PEOPLE: readonly Person[] = [
  {
    id: 'p-ada',
    name: 'Ada Engineer',
    gitlabIds: [11],
    jiraAccounts: ['acc:ada'],
    emails: ['ada@example.com'],
    roles: ['requester'],
    groups: [],
  },
  {
    id: 'p-ben',
    name: 'Ben Approver',
    gitlabIds: [12],
    jiraAccounts: ['acc:ben'],
    emails: ['ben@example.com'],
    roles: ['approver'],
    groups: [],
  },
  {
    id: 'p-cleo',
    name: 'Cleo Operator',
    gitlabIds: [13],
    jiraAccounts: ['acc:cleo'],
    emails: ['cleo@example.com'],
    roles: ['operator'],
    groups: [],
  },
];

export const TOKEN = 'a-token-that-only-the-test-knows';
export const AS_AUDITOR = { authorization: `Bearer ${TOKEN}` };

export interface TestApp {
  app: FastifyInstance;
  database: OpenDatabase;
  /** Evidence reads recorded so far. */
  reads: EvidenceRead[];
  /** Everything that was logged. */
  logged: string[];
  close(): Promise<void>;
}

/** The real server on a database of its own; what belongs to the write side stands here in its plainest form. */
export async function startTestApp(overrides: Partial<AppDeps> = {}): Promise<TestApp> {
  const place = await createTestDatabase();
  const database = openDatabase(place.url, { max: 8, applicationName: 'test', onError: () => undefined });
  const { db, pool } = database;
  const reads: EvidenceRead[] = [];
  const logged: string[] = [];
  const bell = openOutputBell(pool, () => undefined);
  const app = buildApp({
    log: createLog({ level: 'info', component: 'server' }, { write: (line) => logged.push(line) }),
    metrics: createMetrics(() => readMetrics(db, async () => (await readHead(db)).size)),
    views: createViews(db, async () => PEOPLE),
    outputBell: bell,
    externalUrl: 'http://countersign.test',
    hooks: { gitlab: [], jira: [], receiveDelivery: (delivery) => storeOnce(database, delivery) },
    access: {
      mode: 'token',
      tokens: [{ sha256: createHash('sha256').update(TOKEN).digest('hex'), person: 'p-cleo' }],
      people: PEOPLE,
      sessions: sessionsIn(database),
    },
    readiness: [],
    recordRead: async (read) => {
      reads.push(read);
    },
    ...overrides,
  });
  await app.ready();
  return {
    app,
    database,
    reads,
    logged,
    close: async () => {
      await app.close();
      await bell.close();
      await database.close();
      await place.drop();
    },
  };
}

/** How the inbox stores a delivery, in one statement. */
export async function storeOnce({ db }: OpenDatabase, delivery: Delivery): Promise<'stored' | 'duplicate'> {
  const { source, key, event, repository = null, body } = delivery;
  const inserted = await db
    .insertInto('webhook_deliveries')
    .values({ source, delivery_key: key, event, repository, body })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n ? 'stored' : 'duplicate';
}

function sessionsIn({ db }: OpenDatabase): Sessions {
  return {
    async open(hash, person, seconds) {
      const expiry = sql<Date>`now() + ${seconds} * interval '1 second'`;
      await db.insertInto('sessions').values({ token_hash: hash, person, expires_at: expiry }).execute();
    },
    async find(hash) {
      const row = await db
        .selectFrom('sessions')
        .select('person')
        .where('token_hash', '=', hash)
        .where('expires_at', '>', sql<Date>`now()`)
        .executeTakeFirst();
      return row?.person;
    },
    async close(hash) {
      await db.deleteFrom('sessions').where('token_hash', '=', hash).execute();
    },
  };
}
