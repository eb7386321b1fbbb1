import type { Change } from '#domain/change.ts';
import { attemptOpen } from '#domain/decision.ts';
import type { Project } from '#domain/project.ts';
import { type Kysely, type SqlBool, sql } from '#store/query.ts';
import type { Database } from '#store/database-types.ts';
import { type NextStep, nextStep } from './next-step.ts';

/** A project that belongs to one change for a while, and what that means for others. */
export interface HoldRow {
  repository: number;
  project: string;
  /** Since it was planned, or since an attempt to apply it was claimed. */
  from: 'plan' | 'apply';
  /** Why nobody may apply it at all, if so. */
  quarantined: string | undefined;
  since: string;
  ageSeconds: number;
  holder: ChangeLink & { requester: string; approvalId: string | undefined; nextStep: NextStep };
  /** Changes that go on by themselves once it is let go. */
  waiting: ChangeLink[];
  release: Release;
}

interface ChangeLink {
  id: string;
  title: string;
  /** Number of the merge request, and where it is on GitLab. */
  iid: number;
  url: string;
  status: string;
}

/** What ends a hold by itself, and what is typed in the holder's merge request to end it before. */
export interface Release {
  byItself: string;
  comment: string | undefined;
  /** Who may type it. */
  who: 'members' | 'operators';
}

export interface HoldList {
  rows: HoldRow[];
  /** How many match in all. */
  total: number;
}

const MOST = 200;

/** Projects that are held, those that need somebody first, then the oldest. `project` is part of a key. */
export async function listHolds(db: Kysely<Database>, project?: string): Promise<HoldList> {
  const literal = project?.replaceAll(/[\\%_]/g, String.raw`\$&`);
  const holds = await db
    .selectFrom('holds')
    .innerJoin('changes', 'changes.id', 'holds.change_id')
    .select(['holds.repository', 'holds.project', 'holds.attempt_id', 'holds.quarantined', 'holds.since'])
    .select(sql<number>`extract(epoch from clock_timestamp() - holds.since)::float8`.as('age'))
    .select(['changes.id', 'changes.title', 'changes.iid', 'changes.url', 'changes.status', 'changes.state'])
    .select(['changes.author_username', 'changes.approval_id'])
    .$if(literal !== undefined, (query) => query.where('holds.project', 'ilike', `%${literal}%`))
    .orderBy(sql`holds.quarantined is null`)
    .orderBy('holds.since')
    .orderBy('holds.project')
    .execute();
  const shown = holds.slice(0, MOST);
  const waiting = await changesThatWait(db, [...new Set(shown.map(({ repository }) => repository))]);
  const rows = shown.map((hold): HoldRow => {
    const holder = hold.state as Change;
    const of = holder.projects.find(({ key }) => key === hold.project);
    return {
      repository: hold.repository,
      project: hold.project,
      from: hold.attempt_id === null ? 'plan' : 'apply',
      quarantined: hold.quarantined ?? undefined,
      since: hold.since.toISOString(),
      ageSeconds: Math.max(0, Math.round(hold.age)),
      holder: {
        ...linkTo(hold),
        requester: hold.author_username,
        approvalId: hold.approval_id ?? undefined,
        nextStep: nextStep(holder),
      },
      waiting: waiting
        .filter(({ repository, id }) => repository === hold.repository && id !== hold.id)
        .filter(({ state }) => (state as Change).projects.some((each) => waitsFor(each, hold)))
        .map(linkTo),
      release: releaseOf(hold, of),
    };
  });
  return { rows, total: holds.length };
}

function linkTo({ id, title, iid, url, status }: ChangeLink): ChangeLink {
  return { id, title, iid, url, status };
}

function changesThatWait(db: Kysely<Database>, repositories: readonly number[]) {
  return db
    .selectFrom('changes')
    .select(['id', 'title', 'iid', 'url', 'status', 'state', 'repository'])
    .where('repository', 'in', [0, ...repositories])
    .where('status', 'not in', ['merged', 'closed'])
    .where(
      sql<SqlBool>`exists (select from jsonb_array_elements(state -> 'projects') p
        where p ->> 'status' in ('held', 'blocked'))`,
    )
    .orderBy('iid')
    .execute();
}

function waitsFor(project: Project, hold: { id: string; project: string }): boolean {
  if (project.status === 'held')
    return project.by.changeId === hold.id && project.by.project === hold.project;
  if (project.status !== 'blocked' || project.key !== hold.project) return false;
  return project.reasons.some(({ gate }) => gate === 'project-free');
}

function releaseOf(
  { iid, project: key, attempt_id: attemptId, quarantined }: HoldKind,
  project: Project | undefined,
): Release {
  if (project?.status === 'apply-interrupted') {
    const comment = `countersign resolve ${key} applied|not-applied REASON`;
    return {
      byItself: 'Not by itself: somebody has to find out how the apply ended.',
      comment,
      who: 'operators',
    };
  }
  if (project !== undefined && attemptOpen(project))
    return { byItself: `When !${iid} is merged; it is being applied.`, comment: undefined, who: 'operators' };
  const comment = `countersign unlock ${key} REASON`;
  if (quarantined !== null)
    return { byItself: 'Not by itself: somebody has to look at the state first.', comment, who: 'operators' };
  if (attemptId !== null) return { byItself: `When !${iid} is merged or closed.`, comment, who: 'operators' };
  return {
    byItself: `When !${iid} is merged or closed, or its plan is given up.`,
    comment: 'countersign unlock',
    who: 'members',
  };
}

interface HoldKind {
  iid: number;
  project: string;
  attempt_id: string | null;
  quarantined: string | null;
}
