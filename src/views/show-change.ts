import { type Kysely, sql, type Transaction } from '#store/query.ts';
import type { AlteredTag, Change, Merge, Release } from '#domain/change.ts';
import { type Demand, demandOfAll } from '#domain/demand.ts';
import { refOf, type Terms } from '#domain/mandate.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';
import { storedChange } from '#domain/stored-change.ts';
import type { Database } from '#store/database-types.ts';
import { readMandatesOfChange } from '#store/mandates.ts';
import { type EntryRow, entriesOfChange } from './audit-log.ts';
import { type AttemptView, attemptsOf } from './attempts.ts';
import { type EarlierRevision, earlierRevisions } from './earlier-revisions.ts';
import { type NameOf, type PersonView, personOfHost } from './names.ts';
import { type NextStep, nextStep } from './next-step.ts';
import { totalCounts } from './plan-counts.ts';
import { type ProjectView, projectsOf } from './projects.ts';
import { type TicketView, ticketOf } from './ticket-view.ts';
import { timelineOf } from './timeline.ts';
import type { TimelineItem } from './timeline-item.ts';

/** Everything about one change, as of one moment. Times are RFC 3339 UTC. */
export interface ChangeView {
  id: string;
  title: string;
  url: string;
  mergeRequest: { repository: number; iid: number };
  status: string;
  nextStep: NextStep;
  requester: PersonView;
  approver: (PersonView & { decision: 'approved' | 'rejected'; at?: string }) | undefined;
  /** The mandates under which it was applied, commanded, or may be. */
  mandates: MandateView[];
  /** Whoever commanded an apply, first to last. */
  operators: PersonView[];
  ticket: TicketView | undefined;
  earlierRevisions: EarlierRevision[];
  /** What is wrong in the configuration, or odd, each with its place. */
  remarks: { place: string; what: string }[];
  earlierTickets: { key: string; url: string; outcome: string | undefined }[];
  revision:
    | {
        number: number;
        headSha: string;
        baseSha: string;
        sourceBranch: string;
        targetBranch: string;
        openedAt: string;
      }
    | undefined;
  notAdmitted: string | undefined;
  counts: PlanCounts;
  /** What all its plans demand together; absent while there is none. */
  demand: Demand | undefined;
  projects: ProjectView[];
  attempts: AttemptView[];
  release: Release;
  /** Release tags that do not stand as they were made. */
  alteredTags: readonly AlteredTag[];
  merge: Merge;
  timeline: TimelineItem[];
  entries: { rows: EntryRow[]; total: number; covered: number };
  openedAt: string;
  updatedAt: string;
}

/** As much of a mandate as a change's page tells. */
export interface MandateView {
  kind: Terms['kind'];
  name: string;
  key: string;
  url: string;
  approver: string;
}

const ENTRIES_SHOWN = 100;

/** One change whole, or undefined. All parts are read under one snapshot, so that they agree with each other. */
export async function showChange(
  db: Kysely<Database>,
  id: string,
  nameOf: NameOf,
): Promise<ChangeView | undefined> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((trx) => assemble(trx, id, nameOf));
}

async function assemble(
  trx: Transaction<Database>,
  id: string,
  nameOf: NameOf,
): Promise<ChangeView | undefined> {
  const row = await trx.selectFrom('changes').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  const change = storedChange(row.state);
  const tickets = await trx
    .selectFrom('tickets')
    .selectAll()
    .where('change_id', '=', id)
    .orderBy('number')
    .execute();
  const projects = await projectsOf(trx, change);
  const demands = projects.flatMap(({ demand }) => demand ?? []);
  const attempts = await attemptsOf(trx, id, nameOf);
  const entries = await entriesOfChange(trx, id, nameOf, ENTRIES_SHOWN);
  const present = 'key' in change.ticket ? change.ticket.key : undefined;
  return {
    id,
    title: row.title,
    url: row.url,
    mergeRequest: change.mergeRequest,
    status: row.status,
    nextStep: nextStep(change),
    requester: personOfHost(change.author, nameOf),
    approver: approverOf(change, projects, nameOf),
    mandates: await mandatesOf(trx, change),
    operators: attempts.flatMap(({ commandedBy }) => commandedBy ?? []).filter(isFirst),
    ticket: ticketOf(change),
    earlierTickets: tickets
      .filter(({ key }) => key !== present)
      .map(({ key, url, outcome }) => ({ key, url, outcome: outcome ?? undefined })),
    revision: change.revision,
    earlierRevisions: await earlierRevisions(trx, id),
    remarks: [...(change.notAdmitted?.problems ?? []), ...(change.revision?.warnings ?? [])],
    notAdmitted: change.notAdmitted?.reason,
    counts: totalCounts(change),
    demand: demands.length === 0 ? undefined : demandOfAll(demands),
    projects,
    attempts,
    release: change.release,
    alteredTags: change.alteredTags ?? [],
    merge: change.merge,
    timeline: await timelineOf(trx, change, nameOf),
    entries: { ...entries, covered: await coveredSize(trx) },
    openedAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** A standing approval that the gates found counts from then on, not only once something is applied under it. */
async function mandatesOf(trx: Transaction<Database>, { id, ticket }: Change): Promise<MandateView[]> {
  const review = ticket.status === 'open' ? ticket.review : undefined;
  const named = review?.status === 'standing' && review.mandate !== undefined ? [review.mandate.id] : [];
  const mandates = await readMandatesOfChange(trx, id, named);
  return mandates.map((mandate) => {
    const { approver, key, name } = refOf(mandate);
    return { kind: mandate.terms.kind, name, key, url: mandate.ticket?.url ?? '', approver };
  });
}

/** Whoever decided: as the open ticket says, and once it is closed as the gates saw it. */
function approverOf(
  change: Change,
  projects: readonly ProjectView[],
  nameOf: NameOf,
): ChangeView['approver'] {
  const named = (account: string, known = account) => ({
    id: account,
    name: nameOf({ kind: 'jira-user', id: account }) ?? known,
  });
  if (change.ticket.status === 'open') {
    const { review } = change.ticket;
    if (!('verdict' in review)) return undefined;
    return {
      ...named(review.verdict.account, review.verdict.decider?.name),
      decision: review.verdict.decision,
      at: review.verdict.decidedAt,
    };
  }
  const seen = projects
    .flatMap(({ gates }) => gates?.results ?? [])
    .find(({ gate }) => gate === 'approver-allowed');
  const approvals = (seen?.evidence['approvals'] ?? []) as readonly { account: string; refused?: string }[];
  const account = approvals.findLast(({ refused }) => refused === undefined)?.account;
  return account === undefined ? undefined : { ...named(account), decision: 'approved' };
}

async function coveredSize(trx: Transaction<Database>): Promise<number> {
  const { rows } = await sql<{
    size: number;
  }>`select coalesce(max(size), 0) as size from audit.checkpoints`.execute(trx);
  return rows[0]?.size ?? 0;
}

const isFirst = (person: PersonView, index: number, all: readonly PersonView[]): boolean =>
  all.findIndex(({ id }) => id === person.id) === index;
