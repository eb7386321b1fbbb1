import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFileSigner } from '#adapters/signer/file-signer.ts';
import { generateKeyFile } from '#adapters/signer/key-file.ts';
import { makeCheckpoint } from '#app/audit/make-checkpoint.ts';
import { recordHeartbeat } from '#app/audit/record-heartbeat.ts';
import type { CheckpointSigner } from '#app/ports/checkpoint-signer.ts';
import { type AuditCommandDependencies, registerAuditCommands } from '#cli/audit.ts';
import { openCheckpoint } from '#domain/audit/checkpoint.ts';
import { parseVerifierKey } from '#domain/audit/signed-note.ts';
import { checkTlogProof } from '#domain/audit/tlog-proof.ts';
import { appendAudit, eraseAuditPayload, readEntries, readHead } from '#store/audit.ts';
import { type OpenDatabase, openDatabase } from '#store/database.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';

const origin = 'countersign.example/log';
let database: TestDatabase;
let app: OpenDatabase;
let folder: string;
let keyFile: string;
let signer: CheckpointSigner;

beforeEach(async () => {
  database = await createTestDatabase();
  app = openDatabase(database.url, { max: 4, applicationName: 'app', onError: () => undefined });
  folder = mkdtempSync(path.join(tmpdir(), 'audit-live-'));
  keyFile = path.join(folder, 'log.key');
  await generateKeyFile(keyFile, origin);
  signer = await createFileSigner(keyFile);
});

afterEach(async () => {
  await app.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

describe('checkpoints', () => {
  test('are made when the log grew, and the same one is returned when it did not', async () => {
    expect(await checkpoint()).toBeUndefined();
    await append(5);
    const first = await checkpoint();
    expect(first).toMatchObject({ origin, size: 5 });
    expect(await checkpoint()).toEqual(first);
    await append(1);
    expect(await checkpoint()).toMatchObject({ size: 6 });
    const key = parseVerifierKey(signer.verifierKey);
    expect(openCheckpoint(first?.note ?? '', key ? [key] : [], origin)).toMatchObject({ kind: 'checkpoint' });
  });

  test('made at once by two workers are one', async () => {
    await append(3);
    const [one, two] = await Promise.all([checkpoint(), checkpoint()]);
    expect(one).toEqual(two);
  });

  test('at every size prove every entry under the newest of them', async () => {
    for (let n = 0; n < 20; n += 1) {
      await append(1);
      await checkpoint();
    }
    const key = parseVerifierKey(signer.verifierKey);
    for (const entry of await readEntries(app.db, { from: 0, to: 20 })) {
      const { output } = await run('prove', String(entry.index));
      expect(checkTlogProof(`${output}\n`, entry.leafHash, key ? [key] : [])).toMatchObject({ size: 20 });
      expect(checkTlogProof(`${output}\n`, Buffer.alloc(32), key ? [key] : [])).toBeUndefined();
    }
  });

  test('a signature lost between signing and filing is made again', async () => {
    await append(3);
    const { root } = (await checkpoint()) ?? {};
    await asOwner('alter table audit.checkpoints disable trigger all', 'delete from audit.checkpoints');
    expect(await checkpoint()).toMatchObject({ size: 3, root });
  });

  test('an old backup put back is refused by the key', async () => {
    await append(3);
    await checkpoint();
    await append(3);
    const backup = await createTestDatabase();
    await checkpoint();
    const restored = openDatabase(backup.url, {
      max: 2,
      applicationName: 'restored',
      onError: () => undefined,
    });
    await expect(makeCheckpoint({ db: restored.db, signer })).rejects.toMatchObject({
      code: 'audit-log-inconsistent',
    });
    await restored.close();
    await backup.drop();
  });

  test.each([
    ['the hash of old entries', `update audit.nodes set hash = sha256('x') where level = 2 and idx = 0`],
    ['a leaf hash', `update audit.entries set leaf_hash = sha256('x') where idx = 4`],
    ['an entry since', `delete from audit.payloads where idx = 7; delete from audit.entries where idx = 7`],
  ])('a log in which somebody changed %s is not signed', async (_, change) => {
    await append(5);
    await checkpoint();
    await append(4);
    await asOwner(...disableTriggers, ...change.split('; '));
    await expect(checkpoint()).rejects.toMatchObject({ code: 'audit-log-inconsistent' });
  });

  test('a silent log says once an hour that it is alive', async () => {
    const [hour, now] = [3_600_000, Date.now()];
    expect(await recordHeartbeat(app.db, { now: new Date(now), idleMs: hour })).toBe(true);
    expect(await recordHeartbeat(app.db, { now: new Date(now), idleMs: hour })).toBe(false);
    expect(await recordHeartbeat(app.db, { now: new Date(now + 2 * hour), idleMs: hour })).toBe(true);
    expect(await readHead(app.db)).toEqual({ size: 2 });
  });
});

describe('countersign audit verify', () => {
  beforeEach(async () => {
    await append(10);
    await checkpoint();
    await append(10);
    await checkpoint();
    await append(2);
  });

  test('passes on the log as it is, erasures included', async () => {
    const admin = openDatabase(database.adminUrl, {
      max: 1,
      applicationName: 'admin',
      onError: () => undefined,
    });
    const reason = { actor: { kind: 'person', id: 'p-7' }, payload: { reason: 'retention' } } as const;
    await admin.db.transaction().execute((trx) => eraseAuditPayload(trx, { ...reason, index: 3 }));
    await admin.close();
    const { code, output } = await run('verify');
    expect(output).toContain('ok: 23 entries are as they were signed');
    expect(output).toContain('the payload of entry 3 was erased by entry 22');
    expect(code).toBe(0);
  });

  test.each([
    [
      'an entry',
      `update audit.entries set envelope = replace(envelope, 'p-42', 'p-43') where idx = 12`,
      'entry 12 was edited',
    ],
    [
      'an entry with its hash',
      `update audit.entries set envelope = e, leaf_hash = sha256('\\x00'::bytea || convert_to(e, 'UTF8'))
       from (select replace(envelope, 'p-42', 'p-43') as e from audit.entries where idx = 12) as forged where idx = 12`,
      'entries 10 to 19 was changed (agreed up to size 10)',
    ],
    [
      'a payload',
      `update audit.payloads set payload = '{}' where idx = 12`,
      'the payload of entry 12 was edited',
    ],
    [
      'by deleting an entry',
      'delete from audit.payloads where idx = 12; delete from audit.entries where idx = 12',
      'entry 12 is missing',
    ],
    [
      'by cutting off the tail',
      'delete from audit.payloads where idx > 17; delete from audit.entries where idx > 17',
      'entries 18 to 19 are missing',
    ],
    [
      'by swapping two entries',
      `update audit.entries a set envelope = b.envelope, leaf_hash = b.leaf_hash from audit.entries b where a.idx + b.idx = 25 and a.idx in (12, 13)`,
      'entry 13 stands at position 12',
    ],
  ])('finds what the owner of the database changed: %s', async (_, change, finding) => {
    await asOwner(...disableTriggers, ...change.split('; '));
    const { code, output } = await run('verify');
    expect(output).toContain(finding);
    expect(code).toBe(1);
  });

  test('a tail cut off with its checkpoint passes alone, and fails against tag, ticket and file', async () => {
    const [witness] = (
      await sql<{ note: string }>`select note from audit.checkpoints where size = 20`.execute(app.db)
    ).rows;
    const note = witness?.note ?? '';
    const file = path.join(folder, 'kept.txt');
    writeFileSync(file, note);
    await asOwner(
      ...disableTriggers,
      'delete from audit.checkpoints where size > 10',
      'delete from audit.payloads where idx > 14',
      'delete from audit.entries where idx > 14',
      'update audit.head set size = 15',
    );
    expect((await run('verify')).code).toBe(0);
    for (const against of [file, 'tag:release/OPS-1', 'ticket:OPS-1']) {
      const { code, output } = await run('verify', '--against', against);
      expect(output).toContain(`${against} covers 20 entries, the log has 15: entries 15 to 19 are missing`);
      expect(code).toBe(1);
    }

    async function run(...args: string[]) {
      return runWith(
        { fetchWitness: async (kind, ref) => `${kind} ${ref}\n\n  ${note.replaceAll('\n', '\n  ')}` },
        ...args,
      );
    }
  });

  test('a witness that cannot be had leaves the answer open; wrong use is said to be wrong', async () => {
    expect(await run('verify', '--against', 'tag:release/NONE-1')).toMatchObject({ code: 2 });
    expect(await run('verify', '--against', path.join(folder, 'no-such-file'))).toMatchObject({ code: 2 });
    expect(await run('verify', '--vkey', 'nonsense')).toMatchObject({ code: 3 });
    expect(await run('prove', 'first')).toMatchObject({ code: 3 });
  });

  test('says "could not look" when the database is out of reach, not "tampered with"', async () => {
    const open = () => Promise.reject(new Error('connect ECONNREFUSED'));
    expect(await runWith({ open }, 'verify')).toEqual({ code: 2, output: 'connect ECONNREFUSED' });
  });

  test('a log that lost what was signed is not signed again, and that is tampering', async () => {
    await asOwner(...disableTriggers, `update audit.nodes set hash = sha256('x') where level > 2`);
    expect(await run('checkpoint')).toMatchObject({ code: 1 });
    expect(await run('prove', '1')).toMatchObject({ code: 1 });
  });

  test('passes on an export, which is signed up to its end, and names the one byte changed in a copy', async () => {
    const bundle = path.join(folder, 'export');
    expect(await run('export', bundle)).toMatchObject({ code: 0 });
    expect(await run('verify', '--bundle', bundle, '--vkey', signer.verifierKey)).toMatchObject({
      code: 0,
      output: expect.stringContaining('ok: 22 entries'),
    });
    const envelopes = path.join(bundle, 'envelopes.jsonl');
    const lines = readFileSync(envelopes, 'utf8').split('\n');
    writeFileSync(envelopes, lines.with(7, (lines[7] ?? '').replace('p-42', 'p-43')).join('\n'));
    const { code, output } = await run('verify', '--bundle', bundle);
    expect(output).toContain('entry 7 was edited');
    expect(code).toBe(1);
  });
});

const disableTriggers = ['entries', 'payloads', 'nodes', 'head', 'checkpoints'].map(
  (table) => `alter table audit.${table} disable trigger user`,
);

const checkpoint = () => makeCheckpoint({ db: app.db, signer });

function append(count: number): Promise<unknown> {
  const entries = Array.from({ length: count }, (_, n) => ({
    type: 'plan-finished',
    actor: { kind: 'person', id: 'p-42' } as const,
    subject: { changeId: 'c-1' },
    payload: { n },
  }));
  return app.db.transaction().execute((trx) => appendAudit(trx, entries));
}

async function asOwner(...statements: string[]): Promise<void> {
  const client = new pg.Client(database.adminUrl);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const run = (...args: string[]) => runWith({}, ...args);

async function runWith(
  change: Partial<AuditCommandDependencies>,
  ...args: string[]
): Promise<{ code: number; output: string }> {
  const lines: string[] = [];
  let code = 0;
  const program = new Command().exitOverride();
  registerAuditCommands(program, {
    open: async () => ({
      db: app.db,
      signer,
      verifierKeys: [signer.verifierKey],
      close: async () => undefined,
    }),
    generateKey: generateKeyFile,
    print: (line) => lines.push(line),
    setExitCode: (given) => (code = given),
    ...change,
  });
  await program.parseAsync(['audit', ...args], { from: 'user' });
  return { code, output: lines.join('\n') };
}
