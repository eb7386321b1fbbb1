/*
 * Makes the secrets that docker-compose.yml mounts, in ./secrets, each with the owner and mode it needs there:
 * `sudo npm run compose:secrets`. What exists is left alone, so running it again is safe. Tokens cannot be made here;
 * their files are created empty and named at the end.
 */

import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateKeyFile } from '#adapters/signer/key-file.ts';

/** Ids inside the containers: root, the server's group (Dockerfile), the user of the postgres and redis images. */
const root = 0;
const serverGroup = 10_001;
const imageUser = 999;

const folder = path.resolve(process.argv[2] ?? 'secrets');
const origin = process.argv[3] ?? 'countersign';

const mayChown = process.getuid?.() === 0;
if (!mayChown) console.warn('Not root: the files get their modes but not their owners. Run it with sudo.');
mkdirSync(folder, { recursive: true, mode: 0o711 });

const password = (): string => randomBytes(24).toString('hex');
const keyOf32Bytes = (): string => randomBytes(32).toString('base64');

const owner = forDatabases('postgres_password', password);
const service = forDatabases('service_password', password);
const redis = forDatabases('redis_password', password);
forServer('database_url', () => `postgres://countersign_service:${service}@postgres/countersign`);
forServer('migration_database_url', () => `postgres://postgres:${owner}@postgres/countersign`);
forServer('redis_url', () => `redis://:${redis}@redis:6379`);
forServer('gitlab_webhook_secret', password);
forServer('jira_webhook_secret', password);
forServer('gitlab_token', () => '');
forServer('jira_token', () => '');
forWorkers('digest_key', keyOf32Bytes);
forWorkers('bundle_key', keyOf32Bytes);
if (!existsSync(file('signing_key'))) {
  console.log(
    `The log's verifier key, to be handed to auditors: ${await generateKeyFile(file('signing_key'), origin)}`,
  );
}

const empty = ['gitlab_token', 'jira_token'].filter((name) => statSync(file(name)).size === 0);
if (empty.length > 0) console.log(`Still empty: ${empty.map(file).join(', ')}. Write the tokens into them.`);

function forDatabases(name: string, make: () => string): string {
  return keep(name, make, { user: imageUser, group: root, mode: 0o400 });
}

function forServer(name: string, make: () => string): string {
  return keep(name, make, { user: root, group: serverGroup, mode: 0o640 });
}

function forWorkers(name: string, make: () => string): string {
  return keep(name, make, { user: root, group: root, mode: 0o600 });
}

function keep(
  name: string,
  make: () => string,
  access: { user: number; group: number; mode: number },
): string {
  const target = file(name);
  if (!existsSync(target)) {
    writeFileSync(target, make(), { mode: 0o600 });
    if (mayChown) chownSync(target, access.user, access.group);
    chmodSync(target, access.mode);
  }
  return readFileSync(target, 'utf8');
}

function file(name: string): string {
  return path.join(folder, name);
}
