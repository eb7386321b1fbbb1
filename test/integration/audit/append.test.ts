import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { sql, type Transaction } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuditEntryInput, parseEnvelope, payloadDigest } from '#domain/audit/entry.ts';
import { hashLeaf } from '#domain/audit/merkle.ts';
import { appendAudit, eraseAuditPayload, readEntries, readEntriesOfChange, readHead } from '#store/audit.ts';
import { type OpenDatabase, openDatabase } from '#store/database.ts';
import type { Database } from '#store/database-types.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';

let database: TestDatabase;
let app: OpenDatabase;
let admin: OpenDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  app = openDatabase(database.url, { max: 10, applicationName: 'app', onError: () => undefined });
  admin = openDatabase(database.adminUrl, { max: 2, applicationName: 'admin', onError: () => undefined });
});

afterAll(async () => {
  await app.close();
  await admin.close();
  await database.drop();
});

describe('appending', () => {
  test('returns the index of each entry, stores canonical bytes, and binds the payload', async () => {
    const { size } = await readHead(app.db);
    const indexes = await append(entry('plan-started', { b: 1, a: 'é' }), entry('plan-finished', {}));
    expect(indexes).toEqual([{ index: size }, { index: size + 1 }]);

    const [first] = await readEntries(app.db, { from: size, to: size + 2 });
    if (first?.payload === undefined) throw new Error('no payload stored');
    expect(first.payload.text).toBe('{"a":"é","b":1}');
    expect(first.leafHash).toEqual(hashLeaf(Buffer.from(first.envelope)));
    expect(parseEnvelope(first.envelope)).toMatchObject({
      idx: size,
      type: 'plan-started',
      actor: { kind: 'person', id: 'p-42' },
      subject: { changeId: 'c-1', project: 'fin/prod/network' },
      payloadDigest: payloadDigest(first.payload.nonce, first.payload.text),
      requestId: 'req-1',
    });
  });

  test('writes what RFC 8785 would write, whatever the strings', async () => {
    // PostgreSQL has no U+0000 in text and RFC 8785 no lone surrogates: neither can reach an envelope.
    const text = fc
      .string({ unit: 'binary', maxLength: 40 })
      .filter((s) => !s.includes('\0') && s.isWellFormed());
    const key = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,12}$/);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, text, { maxKeys: 6 }), text, async (subject, requestId) => {
        const [at] = await append({ ...entry('probe', {}), subject, requestId });
        const index = at?.index ?? 0;
        const [stored] = await readEntries(app.db, { from: index, to: index + 1 });
        const value: unknown = JSON.parse(stored?.envelope ?? '');
        expect(canonicalize(value)).toBe(stored?.envelope);
        expect(value).toMatchObject({ subject, req_id: requestId });
      }),
      { numRuns: 150, seed: 8785 },
    );
  });

  test('a rollback leaves no gap', async () => {
    const before = await readHead(app.db);
    const failing = app.db.transaction().execute(async (trx) => {
      await appendAudit(trx, [entry('never-happened', {})]);
      throw new Error('the action failed');
    });
    await expect(failing).rejects.toThrow('the action failed');
    expect(await readHead(app.db)).toEqual(before);
    expect(await append(entry('happened', {}))).toEqual([{ index: before.size }]);
  });

  test('eight writers at once leave an index without gaps', async () => {
    const before = (await readHead(app.db)).size;
    const writer = async (name: number): Promise<void> => {
      for (let n = 0; n < 25; n += 1)
        await append(entry('written', { name, n }), entry('written', { name, n }));
    };
    await Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)));
    const entries = await readEntries(app.db, { from: before, to: before + 1000 });
    expect(entries.map(({ index }) => index)).toEqual(Array.from({ length: 400 }, (_, n) => before + n));
    expect(entries.map(({ envelope }) => parseEnvelope(envelope)?.idx)).toEqual(
      entries.map(({ index }) => index),
    );
    expect((await readHead(app.db)).size).toBe(before + 400);
  });

  test('finds the entries of one change, in order', async () => {
    const mine = { changeId: 'c-of-its-own' };
    await append({ ...entry('one', {}), subject: mine }, entry('other', {}), {
      ...entry('two', {}),
      subject: mine,
    });
    const types = (await readEntriesOfChange(app.db, 'c-of-its-own')).map(
      ({ envelope }) => parseEnvelope(envelope)?.type,
    );
    expect(types).toEqual(['one', 'two']);
  });

  test.each([
    ['a type that is a sentence', { type: 'Plan started!' }, 'not a type'],
    ['a subject key that is no word', { subject: { 'change id': 'c-1' } }, 'ids by name'],
    [
      'an erasure that erases nothing',
      { type: 'payload-erased', subject: { entry: '0' } },
      'only audit.erase',
    ],
  ])('refuses %s, and nothing of the call is kept', async (_, wrong, reason) => {
    const before = await readHead(app.db);
    await expect(append(entry('fine', {}), { ...entry('fine', {}), ...wrong })).rejects.toThrow(reason);
    expect(await readHead(app.db)).toEqual(before);
  });

  test('takes far more entries a second from one client than are ever needed', async () => {
    const rates = [await appendRate(), await appendRate(), await appendRate()];
    const best = Math.max(...rates);
    console.log(`audit.append: ${best} entries/s, one client, one transaction each`);
    // A thousand changes a day need one. A quiet machine does 700 with fsync; this one may be busy with other tests.
    expect(best).toBeGreaterThan(50);
  });

  async function appendRate(): Promise<number> {
    const started = performance.now();
    for (let n = 0; n < 200; n += 1) await append(entry('measured', { n }));
    return Math.round(200_000 / (performance.now() - started));
  }
});

describe('nobody changes what is written', () => {
  const changes = [
    `update audit.entries set envelope = '{}' where idx = 0`,
    `delete from audit.entries where idx = 0`,
    `truncate audit.entries cascade`,
    `update audit.payloads set payload = '{}' where idx = 0`,
    `update audit.payloads set payload = null, nonce = null, erased_by = 1 where idx = 0`,
    `delete from audit.payloads where idx = 0`,
    `truncate audit.payloads`,
    `update audit.head set size = 0`,
    `delete from audit.head`,
    `update audit.nodes set hash = sha256('') where level = 1`,
    `delete from audit.nodes`,
    `truncate audit.checkpoints`,
  ];

  beforeAll(async () => {
    await append(entry('kept', {}), entry('kept', {}));
    await sql`select audit.grow_tree()`.execute(app.db);
  });

  test.each([
    ...changes,
    `insert into audit.entries values (10000, '{}', sha256(''))`,
    `insert into audit.nodes values (1, 10000, sha256(''))`,
    `insert into audit.checkpoints values (1, sha256(''), '')`,
    `select audit.write_entry(10000, '{}')`,
    `select audit.erase(0, '{}')`,
    `set role audit_owner`,
    `alter table audit.entries disable trigger all`,
    `drop table audit.payloads`,
  ])('the service: %s', async (statement) => {
    await expect(query(database.url, statement)).rejects.toMatchObject({ code: '42501' });
  });

  test.each(changes)('the owner of the schema: %s', async (statement) => {
    await expect(query(database.adminUrl, 'set role audit_owner', statement)).rejects.toMatchObject({
      code: '42501',
    });
  });
});

describe('erasing a payload', () => {
  const erasure = {
    actor: { kind: 'person', id: 'p-7' },
    payload: { reason: 'request of the person concerned' },
  } as const;

  test('takes payload and nonce away, and the entry that records it says which', async () => {
    const [at] = await append(entry('with-personal-data', { name: 'somebody' }));
    const index = at?.index ?? 0;
    const by = await asRetention((trx) => eraseAuditPayload(trx, { ...erasure, index }));
    const [erased] = await readEntries(app.db, { from: index, to: index + 1 });
    const [record] = await readEntries(app.db, { from: by.index, to: by.index + 1 });
    expect(erased?.payload).toBeUndefined();
    expect(parseEnvelope(record?.envelope ?? '')).toMatchObject({
      type: 'payload-erased',
      subject: { entry: `${index}` },
    });
    await expect(asRetention((trx) => eraseAuditPayload(trx, { ...erasure, index }))).rejects.toThrow(
      'no payload',
    );
    await expect(
      asRetention((trx) => eraseAuditPayload(trx, { ...erasure, index: by.index })),
    ).rejects.toThrow('not erased');
  });

  function asRetention<T>(work: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
    return admin.db.transaction().execute(async (trx) => {
      await sql`set local role countersign_retention`.execute(trx);
      return work(trx);
    });
  }
});

function append(...entries: AuditEntryInput[]): Promise<{ index: number }[]> {
  return app.db.transaction().execute((trx) => appendAudit(trx, entries));
}

function entry(type: string, payload: AuditEntryInput['payload']): AuditEntryInput {
  return {
    type,
    actor: { kind: 'person', id: 'p-42' },
    subject: { changeId: 'c-1', project: 'fin/prod/network' },
    payload,
    requestId: 'req-1',
  };
}

async function query(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
