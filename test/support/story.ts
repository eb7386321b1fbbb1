import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { gitlabAs, type Issue, jiraAs, type MergeRequest, type Note } from '#test/sandbox/house/actors.ts';
import { type House, type HouseOptions, startHouse } from '#test/sandbox/house/house.ts';
import { until } from '#test/sandbox/house/http.ts';
import { APPROVAL_VARIABLE, rootModule, subnet } from '#test/sandbox/house/root-modules.ts';
import { createTestDatabase } from './postgres.ts';

/** A house for one test file, with what stories ask it over and over. */
export interface Story extends House {
  /** Reads the database as its owner: for what no page shows. Never to wait for what a page does show. */
  query<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
  /** The database as its owner reaches it. */
  adminUrl: string;
  erin: ReturnType<typeof gitlabAs>;
  olga: ReturnType<typeof gitlabAs>;
  mia: ReturnType<typeof gitlabAs>;
  adamInJira: ReturnType<typeof jiraAs>;
  /** A root module of this house, with the given body. */
  module(state: string, body: string): string;
  /** Pushes the files to a branch as Erin and opens a merge request. */
  propose(branch: string, files: Record<string, string | null>, title?: string): Promise<MergeRequest>;
  changeOf(iid: number): Promise<ChangeRow>;
  /** Waits until the change has this status, and returns it. */
  changeIs(iid: number, status: string | RegExp, withinMs?: number): Promise<ChangeRow>;
  /** Waits until the change is blocked for exactly these gates, whatever it was blocked for before; returns it. */
  blockedBy(iid: number, ...gates: string[]): Promise<ChangeRow>;
  /** Waits until the change's ticket is in the status of that name, and In review for its present plan; returns its key. */
  ticketIs(iid: number, status: string, withinMs?: number): Promise<string>;
  notes(iid: number): Promise<Note[]>;
  noteSays(iid: number, pattern: RegExp, withinMs?: number): Promise<Note>;
  attempts(iid: number): Promise<AttemptRow[]>;
  issue(key: string): Promise<Issue>;
  /** Names of the statuses the ticket was moved to, oldest first, by its changelog. */
  ticketMoves(key: string): Promise<string[]>;
  /** Types of the change's audit entries, oldest first. */
  entries(iid: number): Promise<string[]>;
  /** What is known of a merge request, for whoever waited for it in vain. */
  situation(iid: number): Promise<string>;
}

export interface ChangeRow {
  id: string;
  status: string;
  approval_id: string | null;
  state: ChangeState;
}

/** As much of the aggregate as stories look at. */
export interface ChangeState {
  revision?: { number: number; headSha: string };
  ticket: { status: string; key?: string; review?: { status: string; round: number } };
  release: { status: string; tag?: string; sha?: string };
  merge: { status: string; reason?: string };
  projects: {
    key: string;
    status: string;
    reason?: string;
    reasons?: { gate: string; answer: string; reason: string; remedy: string }[];
  }[];
}

export interface AttemptRow {
  id: string;
  project: string;
  status: string;
  outcome: string | null;
  reason: string | null;
  serial_before: string | null;
  serial_after: string | null;
  supervisor_pid: number | null;
  terraform_pid: number | null;
}

/** The repository most stories begin with: one project applied on command, one on approval, both with one subnet. */
function twoNetworks({ gitlabUrl, project }: { gitlabUrl: string; project: number }): Record<string, string> {
  const make = (state: string, cidr: string) =>
    rootModule({ gitlabUrl, project, state }, APPROVAL_VARIABLE + subnet('first', cidr));
  return {
    'fin/prod/network/main.tf': make('fin-prod-network', '10.0.0.0/24'),
    'biz/dev/network/main.tf': make('biz-dev-network', '10.1.0.0/24'),
  };
}

/** Opens a house with a database of its own. Close it in `afterAll`; a house that failed to open cleans up by itself. */
export async function openStory(
  options: Partial<Omit<HouseOptions, 'database' | 'dir'>> = {},
): Promise<Story> {
  const database = await createTestDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'countersign-house-'));
  const house = await startHouse({ files: twoNetworks, ...options, dir, database });
  const pool = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  pool.on('error', () => undefined);
  const query = async <T extends object>(sql: string, values: unknown[] = []) =>
    (await pool.query<T>(sql, values)).rows;
  const { players, project } = house.scene;
  const erin = gitlabAs(house, players.erin);
  const adamInJira = jiraAs(house, players.adam);
  const changeOf = async (iid: number): Promise<ChangeRow> => {
    const rows = await query<ChangeRow>('select id, status, approval_id, state from changes where iid = $1', [
      iid,
    ]);
    const row = rows[0];
    if (row === undefined) throw new Error(`no change for !${iid} yet`);
    return row;
  };
  const known = (iid: number) => changeOf(iid).catch(() => undefined);
  const situation = async (iid: number) =>
    `${JSON.stringify((await known(iid)) ?? null, null, 1)}\n${await openJobs(query)}\n${await tails(house.logs)}`;
  const changeThat = (iid: number, what: string, wanted: (change: ChangeRow) => boolean, withinMs?: number) =>
    until(
      `!${iid} to ${what}`,
      async () => {
        const change = await known(iid);
        return change !== undefined && wanted(change) ? change : undefined;
      },
      { ...(withinMs === undefined ? {} : { withinMs }), show: () => situation(iid) },
    );
  const notes = async (iid: number) =>
    (await erin.notes(iid)).filter(({ author }) => author.id === house.scene.bot.id);
  return {
    ...house,
    query,
    situation,
    adminUrl: database.adminUrl,
    erin,
    olga: gitlabAs(house, players.olga),
    mia: gitlabAs(house, players.mia),
    adamInJira,
    module: (state, body) => rootModule({ gitlabUrl: house.gitlabUrl, project: project.id, state }, body),
    async propose(branch, files, title = `Change ${branch}`) {
      await erin.push(branch, files);
      return erin.open(branch, title);
    },
    changeOf,
    changeIs: (iid, status, withinMs) =>
      changeThat(
        iid,
        `be ${status}`,
        (change) => (typeof status === 'string' ? change.status === status : status.test(change.status)),
        withinMs,
      ),
    blockedBy: (iid, ...gates) =>
      changeThat(iid, `be blocked by ${gates.join(' and ')} alone`, ({ status, state }) => {
        const found = state.projects.flatMap(({ reasons = [] }) => reasons.map(({ gate }) => gate));
        return status === 'blocked' && isDeepStrictEqual(found.toSorted(), gates.toSorted());
      }),
    ticketIs: (iid, status, withinMs) =>
      until(
        `the ticket of !${iid} to be ${status}`,
        async () => {
          const change = await known(iid);
          const key = change?.approval_id;
          if (key === null || key === undefined) return undefined;
          // JIRA shows it a moment before the service knows that it does, and a moment after it has gone.
          if (status === 'In review' && change?.state.ticket.review?.status !== 'in-review') return undefined;
          return (await adamInJira.issue(key)).fields.status.name === status ? key : undefined;
        },
        {
          ...(withinMs === undefined ? {} : { withinMs }),
          show: () => situation(iid),
        },
      ),
    notes,
    noteSays: (iid, pattern, withinMs) =>
      until(
        `a note of !${iid} that says ${pattern}`,
        async () => (await notes(iid)).find(({ body }) => pattern.test(body)),
        {
          ...(withinMs === undefined ? {} : { withinMs }),
          show: async () =>
            `${(await notes(iid)).map(({ body }) => body).join('\n---\n')}\n${await openJobs(query)}`,
        },
      ),
    attempts: async (iid) => {
      const change = await changeOf(iid);
      return query<AttemptRow>('select * from attempts where change_id = $1 order by claimed_at', [
        change.id,
      ]);
    },
    issue: (key) => adamInJira.issue(key),
    async ticketMoves(key) {
      const histories = await adamInJira.histories(key);
      return histories.flatMap(({ items }) =>
        items.filter(({ field }) => field === 'status').map(({ toString: to }) => to),
      );
    },
    entries: async (iid) => {
      const change = await changeOf(iid);
      const rows = await query<{ type: string }>(
        `select envelope::jsonb ->> 'type' as type from audit.entries where (envelope::jsonb) #>> '{subject,changeId}' = $1 order by idx`,
        [change.id],
      );
      return rows.map(({ type }) => type);
    },
    async close() {
      await house.close();
      await pool.end();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function openJobs(query: Story['query']): Promise<string> {
  const rows = await query(
    'select id, effect, tries, last_error from outbox where done_at is null order by id',
  );
  return `open jobs: ${JSON.stringify(rows)}`;
}

/** The last lines of every process's log: what a person would look at first. */
async function tails(logs: string): Promise<string> {
  const names = await readdir(logs).catch(() => []);
  const texts = await Promise.all(
    names.map(
      async (name) =>
        `== ${name}\n${(await readFile(join(logs, name), 'utf8')).split('\n').slice(-12).join('\n')}`,
    ),
  );
  return texts.join('\n');
}

export { APPROVAL_VARIABLE, subnet, until };
