/*
 * The composition root. Only its parts, one for each kind of process so that none loads what it does not use, know
 * every concrete implementation.
 */
export { composeAudit, composeBooks, composeMigration, composeWitnesses } from './compose-cli.ts';
export { generateKeyFile as generateAuditKey } from '#adapters/signer/key-file.ts';
export { composeServer, startProblems } from './compose-server.ts';
export { composeWorkers } from './compose-workers.ts';
