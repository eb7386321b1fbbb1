import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '#src/config.ts';

const EXAMPLE = join(import.meta.dirname, '../../../config/example');
const TEXTS = [
  'gitlab-token',
  'gitlab-clone-token',
  'gitlab-signing-token',
  'jira-token',
  'jira-hook-secret',
  'state-token-read',
  'state-token-write',
  'audit-signer-key',
];

/** A copy of the shipped example, with secrets of its own. */
export interface ExampleFolder {
  dir: string;
  /** Replaces a text of a file; fails when it is not there. */
  edit(file: string, from: string, to: string): void;
  read(file: string): string;
  load(environment?: Record<string, string>): ReturnType<typeof loadConfig>;
  remove(): void;
}

export function exampleFolder(): ExampleFolder {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-config-'));
  cpSync(EXAMPLE, dir, { recursive: true });
  mkdirSync(join(dir, 'secrets'));
  const secret = (name: string, text: string) => {
    writeFileSync(join(dir, 'secrets', name), `${text}\n`, { mode: 0o600 });
    chmodSync(join(dir, 'secrets', name), 0o600);
  };
  for (const name of TEXTS) secret(name, `secret-${name}`);
  secret('plan-digest-key', Buffer.alloc(32, 1).toString('base64'));
  secret('bundle-key', Buffer.alloc(32, 2).toString('hex'));
  return {
    dir,
    edit(file, from, to) {
      const text = readFileSync(join(dir, file), 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
      writeFileSync(join(dir, file), text.replace(from, to));
    },
    read: (file) => readFileSync(join(dir, file), 'utf8'),
    load: (environment = { DATABASE_URL: 'postgres://app@db/countersign' }) =>
      loadConfig({ COUNTERSIGN_CONFIG: join(dir, 'countersign.server.yaml'), ...environment }),
    remove: () => rmSync(dir, { recursive: true }),
  };
}
