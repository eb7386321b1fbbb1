import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFileShelf } from '#adapters/plan-store/file-shelf.ts';
import { openBundle, sealBundle } from '#adapters/plan-store/seal.ts';
import { createPlanStore } from '#adapters/plan-store/sealed-plan-store.ts';

const key = Buffer.alloc(32, 1);
const newKey = Buffer.alloc(32, 2);
const bundle = Buffer.from('a bundle with a s3cret in it');
const label = { planRunId: 'run-1', digest: 'digest-1' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-shelf-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('a plan store', () => {
  const store = (keys: [Uint8Array, ...Uint8Array[]] = [key]) =>
    createPlanStore({ keys, shelf: createFileShelf(folder) });

  test('gives back what was put, to whoever names run, digest and hash', async () => {
    const { bundleHash } = await store().put('run-1', 'digest-1', bundle);
    expect(await store().get('run-1', 'digest-1', bundleHash)).toEqual(bundle);
  });

  test('gives nothing to who names another', async () => {
    const { bundleHash } = await store().put('run-1', 'digest-1', bundle);
    await expect(store().get('run-1', 'digest-2', bundleHash)).rejects.toMatchObject({
      code: 'bundle-swapped',
      retryable: false,
    });
    await expect(store().get('run-1', 'digest-1', '0'.repeat(64))).rejects.toMatchObject({
      code: 'bundle-swapped',
    });
    await expect(store().get('run-2', 'digest-1', bundleHash)).rejects.toMatchObject({
      code: 'bundle-missing',
    });
  });

  test('notices a bundle of another run in its place', async () => {
    const shelf = createFileShelf(folder);
    const { bundleHash } = await store().put('run-1', 'digest-1', bundle);
    await store().put('run-2', 'digest-1', bundle);
    await shelf.write('run-1', (await shelf.read('run-2')) ?? Buffer.alloc(0));
    await expect(store().get('run-1', 'digest-1', bundleHash)).rejects.toMatchObject({
      code: 'bundle-swapped',
    });
  });

  test('opens after a change of keys what was sealed before it', async () => {
    const { bundleHash } = await store().put('run-1', 'digest-1', bundle);
    expect(await store([newKey, key]).get('run-1', 'digest-1', bundleHash)).toEqual(bundle);
    await expect(store([newKey]).get('run-1', 'digest-1', bundleHash)).rejects.toMatchObject({
      code: 'bundle-swapped',
    });
  });

  test('keeps nothing readable on the disk, and nothing after it was destroyed', async () => {
    await store().put('run-1', 'digest-1', bundle);
    const [name = ''] = await readdir(folder);
    expect((await readFile(join(folder, name))).toString('latin1')).not.toContain('s3cret');
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    await store().destroy('run-1');
    await store().destroy('run-1');
    expect(await readdir(folder)).toEqual([]);
  });

  test('takes no key of another length', () => {
    expect(() => store([Buffer.alloc(16)])).toThrow(/32 bytes/u);
  });
});

test('a seal breaks with any bit of what is stored', () => {
  const sealed = sealBundle(bundle, label, [key]);
  for (let at = 0; at < sealed.length; at += 1) {
    const altered = Buffer.from(sealed);
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect(openBundle(altered, label, [key])).toBeUndefined();
    expect(openBundle(sealed.subarray(0, at), label, [key])).toBeUndefined();
  }
  expect(openBundle(sealed, label, [key])).toEqual(bundle);
});
