import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from '#store/query.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';
import { storedChange } from '#domain/stored-change.ts';
import type { Database } from '#store/database-types.ts';
import { type Aliases, type NameOf, type PersonView, personOfHost } from './names.ts';
import { type NextStep, nextStep } from './next-step.ts';
import { totalCounts } from './plan-counts.ts';

/** What people look for; every criterion given must hold. */
export interface ChangeFilters {
  /** Free words: title, approval id, `!iid`, change id, SHA, requester or project. */
  q?: string | undefined;
  /** Ticket key, present or earlier. */
  approval?: string | undefined;
  /** `!12`, `12` or `7!12` with the repository's id in front. */
  mr?: string | undefined;
  /** Anybody who asked, approved or operated: user name, account or id. */
  person?: string | undefined;
  /** A project's key, or its beginning. */
  project?: string | undefined;
  status?: string | undefined;
  /** Days (`YYYY-MM-DD`, UTC), both included: changes that lived at any moment between them. */
  from?: string | undefined;
  to?: string | undefined;
}

export interface ChangeRow {
  id: string;
  title: string;
  url: string;
  mergeRequest: { repository: number; iid: number };
  requester: PersonView;
  approvalId: string | undefined;
  status: string;
  headSha: string | undefined;
  targetBranch: string | undefined;
  projects: { key: string; status: string }[];
  counts: PlanCounts;
  nextStep: NextStep;
  openedAt: string;
  updatedAt: string;
}

export interface ChangeList {
  rows: ChangeRow[];
  /** How many changes match in all. */
  total: number;
  /** Hand it in to get the next rows; absent on the last page. */
  next?: string;
}

const PAGE = 50;

/** Changes that match, those that moved last first. A cursor that is none starts at the top. */
export async function listChanges(
  db: Kysely<Database>,
  { aliases, nameOf }: { aliases: Aliases; nameOf: NameOf },
  filters: ChangeFilters,
  cursor?: string,
): Promise<ChangeList> {
  const after = parseCursor(cursor);
  const matching = db.selectFrom('changes').where((eb) => eb.and(conditions(eb, filters, aliases)));
  const [found, { total }] = await Promise.all([
    matching
      .select(['id', 'state', 'status', 'title', 'url', 'repository', 'iid'])
      .select(['head_sha', 'target_branch', 'approval_id', 'created_at', 'updated_at'])
      .select(sql<string>`updated_at::text`.as('position'))
      .$if(after !== undefined, (query) =>
        query.where(sql<SqlBool>`(updated_at, id) < (${after?.position}::timestamptz, ${after?.id})`),
      )
      .orderBy('updated_at', 'desc')
      .orderBy('id', 'desc')
      .limit(PAGE + 1)
      .execute(),
    matching.select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow(),
  ]);
  const rows = found.slice(0, PAGE);
  const last = rows.at(-1);
  return {
    rows: rows.map((row) => toRow(row, nameOf)),
    total,
    ...(found.length > PAGE && last !== undefined ? { next: `${last.position}~${last.id}` } : {}),
  };
}

/** The id of the change a ticket key belongs to; keys are compared without regard to case. */
export async function findChangeByApproval(db: Kysely<Database>, key: string): Promise<string | undefined> {
  const ticket = await db
    .selectFrom('tickets')
    .select('change_id')
    .where('key', '=', key.toUpperCase())
    .executeTakeFirst();
  return ticket?.change_id;
}

type Columns = ExpressionBuilder<Database, 'changes'>;

function conditions(eb: Columns, filters: ChangeFilters, aliases: Aliases): Expression<SqlBool>[] {
  const { q, approval, mr, person, project, status, from, to } = filters;
  const conditions: Expression<SqlBool>[] = [];
  if (q) conditions.push(matchesWords(eb, q));
  if (approval) conditions.push(hasTicket(eb, approval));
  if (mr) conditions.push(isMergeRequest(eb, mr));
  if (person) conditions.push(involves(eb, aliases(person)));
  if (project) conditions.push(hasProject(project));
  if (status) conditions.push(eb('status', '=', status));
  if (from && isDay(from))
    conditions.push(eb('updated_at', '>=', sql<Date>`(${from}::date)::timestamp at time zone 'UTC'`));
  if (to && isDay(to))
    conditions.push(eb('created_at', '<', sql<Date>`(${to}::date + 1)::timestamp at time zone 'UTC'`));
  return conditions;
}

function matchesWords(eb: Columns, text: string): Expression<SqlBool> {
  const anywhere = like(text, 'anywhere');
  return eb.or([
    eb('title', 'ilike', anywhere),
    eb('author_username', 'ilike', like(text, 'start')),
    eb('id', '=', text),
    eb('head_sha', 'like', like(text.toLowerCase(), 'start')),
    hasTicket(eb, text),
    hasProject(text),
    ...(/^!\d+$/.test(text) ? [isMergeRequest(eb, text)] : []),
  ]);
}

function hasTicket(eb: Columns, key: string): Expression<SqlBool> {
  return eb.exists(
    eb
      .selectFrom('tickets')
      .select('key')
      .whereRef('change_id', '=', 'changes.id')
      .where('key', '=', key.toUpperCase()),
  );
}

function isMergeRequest(eb: Columns, text: string): Expression<SqlBool> {
  const [, repository, iid] = /^(?:(\d{1,15})!|!)?(\d{1,9})$/.exec(text.trim()) ?? [];
  if (iid === undefined) return sql<SqlBool>`false`;
  const conditions = [eb('iid', '=', Number(iid))];
  if (repository !== undefined) conditions.push(eb('repository', '=', Number(repository)));
  return eb.and(conditions);
}

/** Requester, whoever decided on a ticket, and whoever commanded or resolved an attempt. */
function involves(eb: Columns, aliases: readonly string[]): Expression<SqlBool> {
  const among = (value: Expression<unknown>) => sql<SqlBool>`lower(${value}) = any(${aliases}::text[])`;
  const asker = (column: 'commanded_by' | 'resolved_by') =>
    ['username', 'person', 'gitlabId', 'cli'].map((key) =>
      among(sql`${sql.ref(column)} ->> ${sql.lit(key)}`),
    );
  return eb.or([
    among(sql`author_username`),
    among(sql`author_id::text`),
    among(sql`state #>> '{ticket,review,verdict,account}'`),
    eb.exists(
      eb
        .selectFrom('gate_evaluations')
        .select('gate_evaluations.id')
        .whereRef('gate_evaluations.change_id', '=', 'changes.id')
        .where(sql<SqlBool>`exists (select from jsonb_array_elements(results) r
          where r ->> 'gate' = 'approver-allowed' and exists (
            select from jsonb_array_elements(r #> '{evidence,approvals}') a where ${among(sql`a ->> 'account'`)}))`),
    ),
    eb.exists(
      eb
        .selectFrom('attempts')
        .select('attempts.id')
        .whereRef('attempts.change_id', '=', 'changes.id')
        .where((each) => each.or([...asker('commanded_by'), ...asker('resolved_by')])),
    ),
  ]);
}

const hasProject = (key: string): Expression<SqlBool> =>
  sql<SqlBool>`exists (select from jsonb_array_elements(state->'projects') p where p->>'key' ilike ${like(key, 'start')})`;

/** A pattern in which the user's own `%` and `_` mean themselves. */
function like(text: string, where: 'start' | 'anywhere'): string {
  const literal = text.replaceAll(/[\\%_]/g, String.raw`\$&`);
  return where === 'start' ? `${literal}%` : `%${literal}%`;
}

const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

function parseCursor(cursor: string | undefined): { position: string; id: string } | undefined {
  const [, position, id] = /^(\d{4}-\d{2}-\d{2} [\d:.]{8,15}[+-][\d:]{2,5})~(.+)$/.exec(cursor ?? '') ?? [];
  return position === undefined || id === undefined ? undefined : { position, id };
}

function toRow(
  row: {
    id: string;
    state: unknown;
    status: string;
    title: string;
    url: string;
    repository: number;
    iid: number;
    head_sha: string | null;
    target_branch: string | null;
    approval_id: string | null;
    created_at: Date;
    updated_at: Date;
  },
  nameOf: NameOf,
): ChangeRow {
  const change = storedChange(row.state);
  return {
    id: row.id,
    title: row.title,
    url: row.url,
    mergeRequest: { repository: row.repository, iid: row.iid },
    requester: personOfHost(change.author, nameOf),
    approvalId: row.approval_id ?? undefined,
    status: row.status,
    headSha: row.head_sha ?? undefined,
    targetBranch: row.target_branch ?? undefined,
    projects: change.projects.map(({ key, status }) => ({ key, status })),
    counts: totalCounts(change),
    nextStep: nextStep(change),
    openedAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
