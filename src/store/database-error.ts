/** What `pg` says of a connection that broke, without a code (its `client.js`, `query.js`, and `pg-pool`). */
const BROKEN_CONNECTION =
  /^(?:Connection terminated|Client was closed|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after)/;

/** Whether it is the database, or the way to it, that failed: nothing that a bug of ours could throw. */
export function isDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && typeof error.code === 'string') || BROKEN_CONNECTION.test(error.message);
}
