import { createLedger } from '#app/ledger.ts';
import { openDatabase } from '#store/database.ts';
import { createLog } from '#telemetry/log.ts';
import type { Config, Secrets } from './config.ts';

/*
 * The composition root: this file and those beside it, one for each kind of process, so that none loads what it does
 * not use. Nobody else knows concrete implementations.
 */

/** What every process of the service has: the database, the ledger over it, a log. */
export function composeBase(config: Config, secrets: Secrets, component: string) {
  const log = createLog({ level: config.mode === 'demo' ? 'warn' : 'info', component });
  const database = openDatabase(secrets.databaseUrl, {
    max: 12,
    applicationName: `countersign-${component}`,
    onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  });
  return { config, log, database, db: database.db, ledger: createLedger(database.db) };
}
