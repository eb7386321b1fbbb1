import { type HookRow, type HookState, readHooks } from '#store/code-host-hooks.ts';
import type { Database } from '#store/database-types.ts';
import type { Kysely } from '#store/query.ts';

/** GitLab's webhooks in one line for `/readyz`. Without them everything works, later: so this is never a reason against. */
export async function hooksInWords(db: Kysely<Database>): Promise<string> {
  const rows = await readHooks(db);
  if (rows.length === 0) return 'not looked at yet';
  const states = [...new Set(rows.map(({ state }) => state))];
  return states.map((state) => WORDS[state](rows.filter((row) => row.state === state))).join('; ');
}

type Row = HookRow & { repository: number };

const SWEEP = 'the sweep finds what is not told, later';

const WORDS: Record<HookState, (rows: readonly Row[]) => string> = {
  working: (rows) => `${rows.length} working`,
  asleep: (rows) => `${named(rows)} put to sleep by GitLab until ${wake(rows)}, after failures: ${SWEEP}`,
  ended: (rows) => `${named(rows)} disabled by GitLab until a test of it succeeds: ${SWEEP}`,
  missing: (rows) => `no webhook of ${repositories(rows)} leads here: ${SWEEP}`,
  hidden: (rows) => `our account may not see those of ${repositories(rows)}`,
};

function named(rows: readonly Row[]): string {
  return rows.map(({ hook, repository }) => `hook ${hook} of repository ${repository}`).join(', ');
}

function repositories(rows: readonly Row[]): string {
  return `repository ${rows.map(({ repository }) => repository).join(', ')}`;
}

function wake(rows: readonly Row[]): string {
  const last = rows.map(({ wakesAt = '' }) => wakesAt).toSorted();
  return `${(last.at(-1) ?? '').slice(0, 16).replace('T', ' ')} UTC`;
}
