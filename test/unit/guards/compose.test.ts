import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly secrets?: string[];
  readonly environment?: Record<string, string>;
  readonly networks: string[];
  readonly user?: string;
  readonly init?: boolean;
  readonly stop_grace_period?: string;
  readonly command?: string[];
}

interface Compose {
  readonly services: Record<string, Service>;
  readonly secrets: Record<string, { file: string }>;
}

const root = path.resolve(import.meta.dirname, '../../..');
const compose = parse(readFileSync(path.join(root, 'docker-compose.yml'), 'utf8'), {
  merge: true,
}) as Compose;
const service = (name: string): Service => compose.services[name] ?? expect.fail(`no service ${name}`);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-secrets-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('the script makes every secret that compose mounts, with the same passwords on both ends', () => {
  const run = (): string =>
    execFileSync(process.execPath, [path.join(root, 'scripts/compose-secrets.ts'), folder], {
      cwd: root,
      encoding: 'utf8',
    });
  expect(run()).toContain('Still empty');
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  const before = Object.values(compose.secrets).map(({ file }) => read(path.basename(file)));
  expect(new URL(read('database_url')).password).toBe(read('service_password'));
  expect(new URL(read('migration_database_url')).password).toBe(read('postgres_password'));
  expect(new URL(read('redis_url')).password).toBe(read('redis_password'));
  expect(Buffer.from(read('digest_key'), 'base64')).toHaveLength(32);
  for (const key of ['signing_key', 'digest_key', 'bundle_key']) {
    expect(statSync(path.join(folder, key)).mode & 0o777).toBe(0o600);
  }
  run();
  expect(Object.values(compose.secrets).map(({ file }) => read(path.basename(file)))).toEqual(before);
});

test('no secret stands in an environment, and each that is named as a file is mounted', () => {
  for (const [name, { environment = {}, secrets = [] }] of Object.entries(compose.services)) {
    const suspicious = Object.keys(environment).filter((key) => /PASSWORD|TOKEN|SECRET|KEY|_URL/.test(key));
    expect(
      suspicious.filter((key) => !key.endsWith('_FILE')),
      name,
    ).toEqual([]);
    const mounted = suspicious.map((key) => environment[key]?.replace('/run/secrets/', ''));
    expect(secrets, name).toEqual(expect.arrayContaining(mounted));
    expect(Object.keys(compose.secrets), name).toEqual(expect.arrayContaining(secrets));
  }
});

test('a stop waits for the applies of a worker', () => {
  expect(service('workers')).toMatchObject({ init: true, stop_grace_period: '2h', user: 'root' });
});

test('the server holds no key of the workers and only the migration knows the owner of the database', () => {
  expect(service('server').user).toBeUndefined();
  expect(service('server').secrets).not.toEqual(expect.arrayContaining([expect.stringMatching(/_key$/)]));
  const knowing = Object.keys(compose.services).filter((name) =>
    service(name).secrets?.includes('migration_database_url'),
  );
  expect(knowing).toEqual(['migrate']);
});

test('Redis refuses a job rather than forget one, and survives a restart', () => {
  const command = service('redis').command?.join(' ');
  expect(command).toContain('maxmemory-policy noeviction');
  expect(command).toContain('appendonly yes');
});
