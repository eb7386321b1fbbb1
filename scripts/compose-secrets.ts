/*
 * Makes the secrets that docker-compose.yml mounts, in ./secrets, each with the owner and mode it needs there:
 * `sudo npm run compose:secrets`. What exists is left alone, so running it again is safe. Tokens cannot be made here;
 * their files are created empty and named at the end.
 */

import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateKeyFile } from '#adapters/signer/key-file.ts';

/** Users inside the containers: Countersign's own, and the one of the postgres and redis images. */
const countersign = 10_001;
const databases = 999;

const folder = path.resolve(process.argv[2] ?? 'secrets');
const origin = process.argv[3] ?? 'countersign';
const mayChown = process.getuid?.() === 0;
if (!mayChown) console.warn('Not root: the files get their modes but not their owners. Run it with sudo.');
// The folder above is passed through by the databases; the service's own is nobody else's business.
makeFolder(folder, 0o711);
makeFolder(path.join(folder, 'service'), 0o700);

const password = (): string => randomBytes(24).toString('hex');
const keyOf32Bytes = (): string => randomBytes(32).toString('base64');

const owner = keep('postgres_password', databases, password);
const service = keep('service_password', databases, password);
const redis = keep('redis_password', databases, password);
keep('migration_database_url', countersign, () => `postgres://postgres:${owner}@postgres/countersign`);
keep(
  'service/database_url',
  countersign,
  () => `postgres://countersign_service:${service}@postgres/countersign`,
);
keep('service/redis_url', countersign, () => `redis://:${redis}@redis:6379`);
keep('service/gitlab_hook_token', countersign, password);
keep('service/jira_hook_secret', countersign, password);
keep('service/plan_digest_key', countersign, keyOf32Bytes);
keep('service/bundle_key', countersign, keyOf32Bytes);

const signingKey = path.join(folder, 'service/signing_key');
if (!existsSync(signingKey)) {
  console.log(`The log's verifier key, for its auditors: ${await generateKeyFile(signingKey, origin)}`);
  giveTo(signingKey, countersign);
}

const tokens = ['service/gitlab_token', 'service/gitlab_clone_token', 'service/jira_token'];
const empty = tokens.filter((name) => keep(name, countersign, () => '') === '');
if (empty.length > 0) console.log(`Still empty, write the tokens into them: ${empty.join(', ')}`);

function keep(name: string, user: number, make: () => string): string {
  const file = path.join(folder, name);
  if (!existsSync(file)) {
    writeFileSync(file, make(), { mode: 0o600 });
    giveTo(file, user);
  }
  return readFileSync(file, 'utf8');
}

function makeFolder(target: string, mode: number): void {
  if (existsSync(target)) return;
  mkdirSync(target, { recursive: true, mode });
  giveTo(target, countersign);
}

function giveTo(target: string, user: number): void {
  if (mayChown && statSync(target).uid !== user) chownSync(target, user, user);
}
