import { createFileSigner } from '#adapters/signer/file-signer.ts';
import { patienceOf } from '#app/patience.ts';
import { type EvidenceRead, recordRead } from '#app/record-read.ts';
import { findChangeByTicket, readChange } from '#store/changes.ts';
import { withOwnClient } from '#store/own-client.ts';
import { applyMigrations } from '#store/migrate.ts';
import { createViews } from '#views/views.ts';
import { composeBase } from './compose.ts';
import type { Config, Secrets } from './config.ts';

export { generateKeyFile as generateAuditKey } from '#adapters/signer/key-file.ts';

const MIGRATIONS = new URL('../migrations/', import.meta.url).pathname;

/** What `countersign migrate` does, with the role that owns the schema. */
export function composeMigration(secrets: Secrets) {
  const url = secrets.migrationDatabaseUrl;
  if (url === undefined)
    throw new Error('MIGRATION_DATABASE_URL is not set; expected the URL of the role that owns the schema');
  return {
    migrateSchema: () => applyMigrations(url, MIGRATIONS),
    ...(secrets.redisUrl === undefined ? { migrateQueue: () => migrateQueueIn(url) } : {}),
  };
}

async function migrateQueueIn(url: string): Promise<void> {
  // The queue is heavy, and only this command needs it.
  const { migrateQueue } = await import('#adapters/queue/migrate-queue.ts');
  await withOwnClient(url, migrateQueue);
}

/** The live log with its key, as audit commands need it. */
export async function composeAudit(config: Config, secrets: Secrets) {
  const { db, database } = composeBase(config, secrets, 'cli');
  const signer = await createFileSigner(config.audit.signerKeyFile);
  return { db, signer, verifierKeys: [signer.verifierKey], close: () => database.close() };
}

/** Reads what GitLab and JIRA witnessed: the message of a release tag, our comments on a ticket. */
export function composeWitnesses(config: Config, secrets: Secrets) {
  return async (kind: 'tag' | 'ticket', ref: string): Promise<string | undefined> => {
    // Their clients are heavy, and most commands need neither.
    const { composeHosts } = await import('./compose-hosts.ts');
    const { releaseDesk, ticketing } = composeHosts(config, secrets);
    const { db, database } = composeBase(config, secrets, 'cli');
    try {
      if (kind === 'ticket') return (await ticketing.ownComments(ref)).join('\n\n');
      const changeId = await findChangeByTicket(db, ref.replace(/^release\//, ''));
      const change = changeId === undefined ? undefined : await readChange(db, changeId);
      if (change === undefined) return undefined;
      return (await releaseDesk.tag(change.mergeRequest.repository, ref))?.message;
    } finally {
      await database.close();
    }
  };
}

/** What pages read, at the command line. */
export async function composeReading(config: Config, secrets: Secrets) {
  const { composeKnownPeople } = await import('./compose-directory.ts');
  const base = composeBase(config, secrets, 'cli');
  const { db, database } = base;
  return {
    views: createViews(db, composeKnownPeople(config, secrets, base)),
    recordRead: (read: EvidenceRead) => recordRead(db, read),
    close: () => database.close(),
  };
}

/** The books, for an operator at the command line. */
export async function composeBooks(config: Config, secrets: Secrets) {
  const { ledger, database } = composeBase(config, secrets, 'cli');
  return { ledger, patience: patienceOf(config.workers).attempt, close: () => database.close() };
}
