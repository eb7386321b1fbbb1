import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLedger, type Ledger, type SweepFault } from '#app/ledger.ts';
import { type OpenDatabase, openDatabase } from '#store/database.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';
import { sweepInWords } from '#views/sweep-faults.ts';

let database: TestDatabase;
let app: OpenDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await createTestDatabase();
  app = openDatabase(database.url, { max: 2, applicationName: 'app', onError: () => undefined });
  ledger = createLedger(app.db);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

test('what the sweep cannot do is kept from when on it has to be read, until it succeeds', async () => {
  expect(await sweepInWords(app.db)).toBe('nothing fails');
  const first = { ...fault('notes', '1!5'), readFrom: '2026-11-03T11:40:00.000Z' };
  await ledger.noteSweepFault(first);
  const [before] = await ledger.sweepFaults();
  const later = {
    readFrom: '2026-11-03T12:40:00.000Z',
    reason: '502 to notes',
    dueAt: '2026-11-03T13:00:00.000Z',
  };
  await ledger.noteSweepFault({ ...first, ...later });
  expect(await ledger.sweepFaults()).toEqual([
    { ...first, ...later, readFrom: first.readFrom, tries: 2, beganAt: before?.beganAt },
  ]);
  await ledger.forgetSweepFault(first);
  expect(await ledger.sweepFaults()).toEqual([]);
});

test('readiness names what fails longest, without the words of others', async () => {
  for (const item of ['CHG-1', 'CHG-2', 'CHG-3', 'CHG-4', 'CHG-5'])
    await ledger.noteSweepFault(fault('ticket', item));
  const words = await sweepInWords(app.db);
  expect(words).toMatch(
    /^ticket CHG-1 fails since [\d-]+ [\d:]+ UTC \(jira-failing\); ticket CHG-2 .*; and 2 more$/,
  );
  expect(words).not.toContain('Internal');
});

function fault(step: string, item: string): Omit<SweepFault, 'tries' | 'beganAt'> {
  const dueAt = '2026-11-03T12:00:00.000Z';
  return { step, item, readFrom: undefined, code: 'jira-failing', reason: 'Internal error', dueAt };
}
