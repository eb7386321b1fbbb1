import { composeBase } from './compose.ts';
import { composeRuns } from './compose-runs.ts';
import type { Config, Secrets } from './config.ts';

/** A supervisor's world: the database, the plan store and terraform. It is kept small, since one starts with every apply. */
export function composeSupervisor(config: Config, secrets: Secrets) {
  const base = composeBase(config, secrets, 'supervisor');
  return { ...base, ...composeRuns(config, secrets, base.db), close: () => base.database.close() };
}
