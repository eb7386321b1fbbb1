import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLedger, type Ledger } from '#app/ledger.ts';
import type { Actor } from '#domain/audit/actor.ts';
import type { Fact } from '#domain/fact.ts';
import { findOrCreateChange } from '#store/changes.ts';
import { type OpenDatabase, openDatabase } from '#store/database.ts';
import { createMetrics } from '#telemetry/metrics.ts';
import { readMetrics } from '#views/metric-readings.ts';
import { listDebts } from '#views/list-debts.ts';
import { olga, otto, target } from '#test/unit/core/facts.ts';
import { Play } from '#test/unit/core/play.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';

const SERVICE = { kind: 'service', component: 'test' } as const;
const SOON = new Date(Date.now() + 86_400_000).toISOString();

/** A play whose facts are kept, to be recorded in a database. */
class RecordedPlay extends Play {
  readonly facts: Fact[] = [];

  override record(fact: Fact): this {
    this.facts.push(fact);
    return super.record(fact);
  }
}

let database: TestDatabase;
let app: OpenDatabase;
let ledger: Ledger;
const play = new RecordedPlay();

beforeAll(async () => {
  database = await createTestDatabase();
  app = openDatabase(database.url, { max: 5, applicationName: 'app', onError: () => undefined });
  ledger = createLedger(app.db);
  await findOrCreateChange(app.db, { repository: 1, iid: 12 }, 'chg');
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

/** Records what the play came to since the last time. */
async function recordAll(): Promise<void> {
  for (const fact of play.facts.splice(0)) await ledger.record({ changeId: 'chg', fact, actor: SERVICE });
}

async function metrics(): Promise<string[]> {
  const { text } = await createMetrics(() => readMetrics(app.db, () => Promise.resolve(0))).scrape();
  return text.split('\n').filter((line) => line.startsWith('countersign_break_glass'));
}

function idOf(actor: Actor): string {
  return 'id' in actor ? actor.id : '';
}

/** It was due before it was applied; nothing else makes a debt overdue within a test. */
const past = () =>
  app.db
    .updateTable('debts')
    .set({ due_at: new Date('2026-01-01T00:00:00Z') })
    .execute();

describe('debts in the database', () => {
  test('there is one from the claim on, with whoever broke the glass and until when it is to be paid', async () => {
    play.push('a', target('app')).planned('app').ticketOpens().presented();
    play.inEmergency(olga, { verb: 'apply', breakGlass: 'it is down' }).confirms(otto);
    await recordAll();
    expect(await ledger.unpaidDebts()).toEqual([]);
    expect(await metrics()).toEqual([
      'countersign_break_glass_used_total 0',
      'countersign_break_glass_debts{state="unpaid"} 0',
      'countersign_break_glass_debts{state="overdue"} 0',
    ]);

    play.judged('app', true).claimed('app');
    await recordAll();
    await app.db
      .updateTable('debts')
      .set({ due_at: new Date(SOON) })
      .execute();
    expect(await ledger.unpaidDebts()).toEqual([
      { changeId: 'chg', key: 'CHG-1', repository: 1, projects: ['app'], due: SOON, overdue: false },
    ]);
    expect(await listDebts(app.db, (actor) => `${idOf(actor)}, by name`)).toMatchObject([
      {
        ticketKey: 'CHG-1',
        iid: 12,
        reason: 'it is down',
        askedBy: 'olga, by name',
        confirmedBy: 'otto, by name',
        isOverdue: false,
      },
    ]);
    expect(await metrics()).toEqual([
      'countersign_break_glass_used_total 1',
      'countersign_break_glass_debts{state="unpaid"} 1',
      'countersign_break_glass_debts{state="overdue"} 0',
    ]);
  });

  test('it is rejected, overdue and paid there as in the aggregate', async () => {
    play.ended('app', 'succeeded').debtPresented('CHG-1').debtJudged('CHG-1', 'rejected');
    await recordAll();
    await past();
    expect(await listDebts(app.db, idOf)).toMatchObject([{ rejections: 1, isOverdue: true }]);
    expect(await metrics()).toContain('countersign_break_glass_debts{state="overdue"} 1');

    await ledger.record({ changeId: 'chg', fact: { type: 'debt-overdue', key: 'CHG-1' }, actor: SERVICE });
    expect(await ledger.unpaidDebts()).toMatchObject([{ key: 'CHG-1', overdue: true }]);

    play.debtPresented('CHG-1').debtJudged('CHG-1', 'approved');
    await recordAll();
    expect(await ledger.unpaidDebts()).toEqual([]);
    expect(await listDebts(app.db, idOf)).toEqual([]);
    expect(await metrics()).toEqual([
      'countersign_break_glass_used_total 1',
      'countersign_break_glass_debts{state="unpaid"} 0',
      'countersign_break_glass_debts{state="overdue"} 0',
    ]);
    const entries = await app.db
      .selectFrom('outbox')
      .select('effect')
      .where('change_id', '=', 'chg')
      .execute();
    expect(entries.map(({ effect }) => effect)).toContain('tell-break-glass');
  });
});
