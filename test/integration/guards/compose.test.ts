import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '#src/config/schema.ts';

interface Service {
  readonly secrets?: string[];
  readonly environment?: Record<string, string>;
  readonly volumes?: string[];
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

test('the script makes every secret that compose mounts, with the same passwords on both ends, once', () => {
  const secrets = path.join(folder, 'secrets');
  const run = (): string =>
    execFileSync(process.execPath, [path.join(root, 'scripts/compose-secrets.ts'), secrets], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const read = (name: string): string => readFileSync(path.join(secrets, name), 'utf8');
  expect(run()).toMatch(/verifier key.*countersign\+[\s\S]*Still empty.*gitlab_token/);
  expect(new URL(read('service/database_url')).password).toBe(read('service_password'));
  expect(new URL(read('migration_database_url')).password).toBe(read('postgres_password'));
  expect(new URL(read('service/redis_url')).password).toBe(read('redis_password'));
  expect(Buffer.from(read('service/bundle_key'), 'base64')).toHaveLength(32);

  const made = readdirSync(secrets, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const files = made.map((entry) => path.relative(secrets, path.join(entry.parentPath, entry.name)));
  expect(files).toEqual(
    expect.arrayContaining(Object.values(compose.secrets).map(({ file }) => file.replace('./secrets/', ''))),
  );
  expect(files.filter((name) => (statSync(path.join(secrets, name)).mode & 0o077) !== 0)).toEqual([]);
  const before = files.map(read);
  run();
  expect(files.map(read)).toEqual(before);
});

test('no secret stands in an environment, and what stands there is mounted', () => {
  for (const [name, { environment = {}, secrets = [], volumes = [] }] of Object.entries(compose.services)) {
    expect(
      Object.keys(environment).filter(
        (key) => /PASSWORD|TOKEN|SECRET|KEY|_URL/.test(key) && !key.endsWith('_FILE'),
      ),
      name,
    ).toEqual([]);
    const mounts = [
      ...secrets.map((secret) => `/run/secrets/${secret}`),
      ...volumes.map((volume) => volume.split(':')[1] ?? ''),
    ];
    const paths = Object.values(environment).filter((value) => value.startsWith('/'));
    expect(
      paths.filter((file) => !mounts.some((mount) => file.startsWith(mount))),
      name,
    ).toEqual([]);
    expect(Object.keys(compose.secrets), name).toEqual(expect.arrayContaining(secrets));
  }
});

test('a stop waits for the applies of a worker, whose limit it exceeds', () => {
  expect(service('workers')).toMatchObject({ init: true, user: 'root' });
  const hours = Number(service('workers').stop_grace_period?.replace('h', ''));
  const { applySeconds } = configSchema.shape.terraform.shape.limits.parse(undefined);
  expect(hours * 3600).toBeGreaterThan(applySeconds);
});

test('only the migration knows the owner of the database', () => {
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
