import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileSigner } from '#adapters/signer/file-signer.ts';
import { generateKeyFile } from '#adapters/signer/key-file.ts';
import { openCheckpoint } from '#domain/audit/checkpoint.ts';
import { hashChildren, hashLeaf } from '#domain/audit/merkle.ts';
import { parseVerifierKey } from '#domain/audit/signed-note.ts';

const origin = 'countersign.example/log';
const [a, b, c] = ['a', 'b', 'c'].map((text) => hashLeaf(Buffer.from(text))) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const one = { size: 1, root: a };
const two = { size: 2, root: hashChildren(a, b) };
const other = { size: 2, root: hashChildren(c, b) };
let folder: string;
let file: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'audit-signer-'));
  file = path.join(folder, 'log.key');
  await generateKeyFile(file, origin);
});

afterEach(() => rmSync(folder, { recursive: true }));

test('the key file is for its owner alone, and one that others may read is refused', async () => {
  expect(statSync(file).mode & 0o777).toBe(0o600);
  chmodSync(file, 0o640);
  await expect(createFileSigner(file)).rejects.toMatchObject({ code: 'signing-key-unusable' });
});

test('a key is never written over', async () => {
  await expect(generateKeyFile(file, origin)).rejects.toMatchObject({ code: 'EEXIST' });
});

test('what it signs opens under its verifier key', async () => {
  const signer = await createFileSigner(file);
  const key = parseVerifierKey(signer.verifierKey);
  const note = await signer.sign(one, []);
  expect(openCheckpoint(note, key ? [key] : [], origin)).toMatchObject({
    kind: 'checkpoint',
    checkpoint: one,
  });
});

test('the key of golang.org/x/mod/sumdb/note is read as it is', async () => {
  writeFileSync(file, 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n');
  expect((await createFileSigner(file)).verifierKey).toBe(
    'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  );
});

test('signs what grew out of what it signed before, also after a restart, and nothing else', async () => {
  await (await createFileSigner(file)).sign(one, []);
  const signer = await createFileSigner(file);
  expect(await signer.lastSigned()).toEqual(one);
  await expect(signer.sign(other, [b])).rejects.toMatchObject({
    code: 'audit-log-inconsistent',
    retryable: false,
  });
  await expect(signer.sign({ size: 1, root: c }, [])).rejects.toMatchObject({
    code: 'audit-log-inconsistent',
  });
  await signer.sign(two, [b]);
  await signer.sign(two, []);
  await expect(signer.sign(one, [])).rejects.toMatchObject({ code: 'audit-log-inconsistent' });
});

test('a damaged memory stops it from signing', async () => {
  const signer = await createFileSigner(file);
  await signer.sign(one, []);
  writeFileSync(`${file}.last`, readFileSync(`${file}.last`, 'utf8').slice(0, 20));
  await expect(signer.sign(two, [b])).rejects.toMatchObject({ code: 'signing-key-unusable' });
});
