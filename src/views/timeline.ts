import { type Kysely, sql, type Transaction } from '#store/query.ts';
import type { Change } from '#domain/change.ts';
import type { Database } from '#store/database-types.ts';
import { askerOf } from './attempts.ts';
import { entriesToTell } from './entries-to-tell.ts';
import type { NameOf } from './names.ts';
import { ticketEvents } from './ticket-view.ts';
import type { TimelineItem } from './timeline-item.ts';

/**
 * What happened, first to last: revisions, plan runs, tickets, gates and attempts from their own tables, and from the
 * audit log what has none, such as commands, verdicts, the tag and the merge.
 */
export async function timelineOf(
  trx: Transaction<Database>,
  change: Change,
  nameOf: NameOf,
): Promise<TimelineItem[]> {
  const changeId = change.id;
  const items = [
    ...(await revisions(trx, change)),
    ...verdict(change, nameOf),
    ...(await tickets(trx, change)),
    ...(await planRuns(trx, changeId)),
    ...(await evaluations(trx, changeId)),
    ...(await attempts(trx, changeId, nameOf)),
    ...(await entriesToTell(trx, changeId, nameOf)),
  ];
  return items.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

async function revisions(db: Kysely<Database>, { id, revision }: Change): Promise<TimelineItem[]> {
  const rows = await db.selectFrom('revisions').selectAll().where('change_id', '=', id).execute();
  const opened = new Map(
    rows.map((row) => [row.number, { at: row.opened_at.toISOString(), sha: row.head_sha }]),
  );
  if (revision !== undefined) opened.set(revision.number, { at: revision.openedAt, sha: revision.headSha });
  return [
    ...[...opened].map(([number, { at, sha }]) => plain(at, `Revision ${number} opened`, sha)),
    ...rows.flatMap((row) =>
      row.ended_at === null ? [] : plain(row.ended_at.toISOString(), `Revision ${row.number} superseded`),
    ),
  ];
}

function verdict({ ticket }: Change, nameOf: NameOf): TimelineItem[] {
  if (ticket.status !== 'open' || !('verdict' in ticket.review)) return [];
  const { account, decider, decision, decidedAt } = ticket.review.verdict;
  const approved = decision === 'approved';
  return [
    {
      at: decidedAt,
      tone: approved ? 'good' : 'bad',
      what: `${ticket.key} ${decision}`,
      who: nameOf({ kind: 'jira-user', id: account }) ?? decider?.name ?? account,
    },
  ];
}

const plain = (at: string, what: string, detail?: string): TimelineItem => ({
  at,
  tone: 'plain',
  what,
  ...(detail === undefined ? {} : { detail }),
});

async function tickets(db: Kysely<Database>, { debts, id }: Change): Promise<TimelineItem[]> {
  const rows = await db.selectFrom('tickets').selectAll().where('change_id', '=', id).execute();
  return rows.flatMap((row) => ticketEvents(row, debts));
}

async function planRuns(db: Kysely<Database>, changeId: string): Promise<TimelineItem[]> {
  const rows = await db
    .selectFrom('plan_runs')
    .select(['id', 'project', 'status', 'reason', 'ended_at'])
    .where('change_id', '=', changeId)
    .where('ended_at', 'is not', null)
    .execute();
  return rows.map((row) => ({
    at: row.ended_at?.toISOString() ?? '',
    tone: row.status === 'failed' ? 'bad' : 'plain',
    what: PLAN_WORDS[row.status]?.(row.project) ?? `Plan of ${row.project}: ${row.status}`,
    runId: row.id,
    ...(row.reason === null ? {} : { detail: row.reason }),
  }));
}

const PLAN_WORDS: Readonly<Record<string, (project: string) => string>> = {
  planned: (project) => `${project} planned`,
  'no-changes': (project) => `${project} planned: no changes`,
  failed: (project) => `Plan of ${project} failed`,
  stopped: (project) => `Plan of ${project} stopped`,
};

async function evaluations(db: Kysely<Database>, changeId: string): Promise<TimelineItem[]> {
  const rows = await db
    .selectFrom('gate_evaluations')
    .select(['project', 'go', 'at'])
    .select(
      sql<
        string | null
      >`(select string_agg(r->>'gate', ', ') from jsonb_array_elements(results) r where r->>'answer' <> 'yes')`.as(
        'closed',
      ),
    )
    .where('change_id', '=', changeId)
    .execute();
  return rows.map(({ project, go, at, closed }) => ({
    at: at.toISOString(),
    tone: go ? 'good' : 'warning',
    what: go ? `All gates of ${project} say yes` : `Gates of ${project} hold the change`,
    ...(closed === null ? {} : { detail: closed }),
  }));
}

async function attempts(db: Kysely<Database>, changeId: string, nameOf: NameOf): Promise<TimelineItem[]> {
  const rows = await db
    .selectFrom('attempts')
    .select(['id', 'project', 'outcome', 'reason', 'commanded_by', 'claimed_at', 'ended_at'])
    .where('change_id', '=', changeId)
    .execute();
  return rows.flatMap((row): TimelineItem[] => {
    const who = askerOf(row.commanded_by, nameOf)?.name;
    const start: TimelineItem = {
      at: row.claimed_at.toISOString(),
      tone: 'plain',
      what: `Apply of ${row.project} started`,
      runId: row.id,
      ...(who === undefined ? {} : { who }),
    };
    if (row.ended_at === null) return [start];
    const succeeded = row.outcome === 'succeeded';
    const end: TimelineItem = {
      at: row.ended_at.toISOString(),
      tone: succeeded ? 'good' : 'bad',
      what: succeeded ? `${row.project} applied` : `Apply of ${row.project}: ${row.outcome ?? 'unknown'}`,
      runId: row.id,
      ...(row.reason === null ? {} : { detail: row.reason }),
    };
    return [start, end];
  });
}
