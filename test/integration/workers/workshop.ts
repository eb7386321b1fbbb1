import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Change } from '#domain/change.ts';
import type { GateVerdict } from '#domain/fact.ts';
import { composeWorkers } from '#src/compose-workers.ts';
import { loadConfig } from '#src/config.ts';
import { gitlabAs, jiraAs } from '#test/sandbox/house/actors.ts';
import { type House, startHouse } from '#test/sandbox/house/house.ts';
import { ask, post, until } from '#test/sandbox/house/http.ts';
import { APPROVAL_VARIABLE, rootModule, subnet } from '#test/sandbox/house/root-modules.ts';
import { createTestDatabase } from '#test/support/postgres.ts';
import { supervise } from '#workers/attempt/supervise.ts';
import type { Job, WorkerContext } from '#workers/context.ts';
import { hintCommand, hintMergeRequest, hintTicket } from '#workers/handle-delivery.ts';
import { isJobName, type JobName } from '#workers/jobs.ts';
import { runJob } from '#workers/run-job.ts';

/**
 * A house without worker processes: the jobs are done here, one by one, so that a test decides what runs, how often,
 * and where it breaks off. No webhooks either; what they would tell is told by hand.
 */
export type Workshop = Awaited<ReturnType<typeof openWorkshop>>;

export async function openWorkshop({ limits }: { limits?: Record<string, number> } = {}) {
  const database = await createTestDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'countersign-workshop-'));
  const projects = [
    { match: 'on-command/**', applyOn: 'command' as const },
    { match: '**', applyOn: 'approval' as const },
  ];
  const files = () => ({ 'README.md': 'Nothing is built yet.\n' });
  // A second in review is long enough for a reminder; nobody sweeps here, so none is made unasked.
  const server = { tiers: [{ name: 'normal', remindAfterSeconds: 1 }], breakGlass: {} };
  const house = await startHouse({
    dir,
    database,
    projects,
    workers: 0,
    hooks: false,
    files,
    server,
    ...(limits === undefined ? {} : { limits }),
  });
  const { config, secrets } = loadConfig({
    COUNTERSIGN_CONFIG: join(dir, 'countersign.server.yaml'),
    DATABASE_URL: database.url,
  });
  const composed = await composeWorkers(config, secrets);
  /** Attempts a supervisor was started for, in order; nothing runs them until `supervise` is asked to. */
  const started: string[] = [];
  const context: WorkerContext = {
    ...composed,
    startSupervisor: async (attemptId) => void started.push(attemptId),
  };
  const { db, ledger } = composed;
  const { players, project } = house.scene;
  const erin = gitlabAs(house, players.erin);

  const workshop = {
    house,
    db,
    context,
    attempts: { ...composed, spoolDir: config.spoolDir },
    started,
    erin,
    olga: gitlabAs(house, players.olga),
    adam: jiraAs(house, players.adam),
    adminDatabaseUrl: database.adminUrl,

    /** A merge request of Erin's that adds a root module in a folder of its own. */
    async propose(folder: string, { branch = folder, declaresApprovalId = true } = {}): Promise<Order> {
      await erin.push(branch, { [`${folder}/main.tf`]: moduleOf(house, folder, 1, declaresApprovalId) });
      const { iid } = await erin.open(branch, `Change ${folder}`);
      await hintMergeRequest(context, { repository: project.id, iid });
      const changeId = (await ledger.changeOf({ repository: project.id, iid })) ?? '';
      return { folder, iid, changeId };
    },
    /** A newer head of the same merge request. */
    async pushAgain(order: Order): Promise<void> {
      await erin.push(order.folder, { [`${order.folder}/main.tf`]: moduleOf(house, order.folder, 2, true) });
      await workshop.hint(order);
    },
    hint: ({ iid }: Order) => hintMergeRequest(context, { repository: project.id, iid }),
    async comment({ iid }: Order, body: string, by: 'olga' | 'mia' = 'olga'): Promise<number> {
      const note = await gitlabAs(house, players[by]).comment(iid, body);
      await hintCommand(context, { repository: project.id, iid, noteId: note.id });
      return note.id;
    },
    /** Adam's decision, and the hint that the ticket moved. */
    async approve(order: Order): Promise<void> {
      const { ticket } = await workshop.change(order);
      if (ticket.status !== 'open') throw new Error(`!${order.iid} has no open ticket to approve`);
      await workshop.adam.move(ticket.key, 'Approved');
      await workshop.hintTicket(order);
    },
    /** The gates want another approval beside the one there is; returns the row that puts the ticket to the next approver. */
    async askOn(order: Order, evaluation: number): Promise<number> {
      const { ticket } = await workshop.change(order);
      if (ticket.status !== 'open' || ticket.review.status !== 'approved') throw new Error('nobody approved');
      const { moveId } = ticket.review.verdict;
      const asksOn = { counted: [moveId], why: 'somebody of security still has to approve' };
      await workshop.gatesSay(order, evaluation, { asksOn });
      return workshop.until(order, 'ask-on');
    },
    /** The gates say no, with this; `evaluation` is the row of the look that they come before. */
    async gatesSay(order: Order, evaluation: number, said: Partial<GateVerdict>): Promise<void> {
      const { projects } = await workshop.change(order);
      const verdicts = projects.flatMap(({ key, ...project }) =>
        project.status === 'gating'
          ? [
              {
                project: key,
                evaluationId: project.evaluationId,
                go: false,
                reasons: [],
                lookedAt: '2026-11-20T09:00:00.000Z',
                evidenceDigest: '',
                ...said,
              },
            ]
          : [],
      );
      const fact = { type: 'gates-evaluated', verdicts } as const;
      await ledger.record({ changeId: order.changeId, fact, actor: { kind: 'service', component: 'test' } });
      await workshop.run(evaluation);
    },
    hintTicket: ({ changeId }: Order) => hintTicket(context, changeId),
    async change({ changeId }: Order): Promise<Change> {
      const change = await ledger.change(changeId);
      if (change === undefined) throw new Error(`no change ${changeId}`);
      return change;
    },

    openJobs: (order: Order) => openJobs(db, order),
    /** Does what waits, oldest first, until a job of this name is next; returns its row. */
    async until(order: Order, name: JobName): Promise<number> {
      for (let done = 0; done < MOST_JOBS; done++) {
        const [next] = await openJobs(db, order);
        if (next?.effect === name) return next.id;
        if (next !== undefined) await workshop.run(next.id);
        else if (!(await workshop.superviseNext())) break;
      }
      throw new Error(`${name} never came up for ${JSON.stringify(await workshop.change(order))}`);
    },
    /** Does the first waiting job of this name, before those that are older. */
    async only(order: Order, name: JobName): Promise<void> {
      const job = (await openJobs(db, order)).find(({ effect }) => effect === name);
      if (job === undefined) throw new Error(`no ${name} waits`);
      await workshop.run(job.id);
    },
    /** Does everything that waits, and what follows from it; applies run only when asked for. */
    async settle(order: Order, { applies = true } = {}): Promise<void> {
      for (let done = 0; done < MOST_JOBS; done++) {
        const [next] = await openJobs(db, order);
        if (next !== undefined) await workshop.run(next.id);
        else if (!applies || !(await workshop.superviseNext())) return;
      }
      throw new Error('the work never ends');
    },
    async run(row: number): Promise<void> {
      await makeDue(db, row);
      await runJob(context, 'workshop', row);
    },
    /** Loses the waiting jobs of this name, as nobody should. */
    forget: ({ changeId }: Order, name: JobName) =>
      sql`update outbox set done_at = clock_timestamp() where change_id = ${changeId} and effect = ${name}`.execute(
        db,
      ),
    /** Runs the oldest attempt that was started and not run; false when there is none. */
    async superviseNext(): Promise<boolean> {
      const next = started.find((id) => !supervised.has(id));
      if (next === undefined) return false;
      supervised.add(next);
      await supervise(workshop.attempts, next);
      return true;
    },
    /** Takes a row's lease as a worker would that is about to die. */
    async lease(row: number): Promise<{ name: JobName; job: Job<unknown> }> {
      await makeDue(db, row);
      const lease = await context.desk.lease(row, 'doomed');
      if (lease === undefined || !isJobName(lease.effect)) throw new Error(`row ${row} cannot be leased`);
      const { changeId = '', payload } = lease;
      const { signal } = new AbortController();
      return { name: lease.effect, job: { lease, changeId, payload, signal } };
    },
    /** What happens to the lease of a dead worker: it runs out. */
    expire: (row: number) =>
      sql`update outbox set lease_until = clock_timestamp() - interval '1 second' where id = ${row}`.execute(
        db,
      ),
    /** Waits until somebody works on the row. */
    leased: (row: number) =>
      until(`a lease of row ${row}`, async () =>
        (
          await db
            .selectFrom('outbox')
            .select('id')
            .where('id', '=', row)
            .where('lease_until', 'is not', null)
            .execute()
        ).at(0),
      ),
    /** What our notes of the merge request say. */
    notes: async ({ iid }: Order) =>
      (await erin.notes(iid))
        .filter(({ author, system }) => author.id === house.scene.bot.id && !system)
        .map(({ body }) => body),
    async isDone(row: number): Promise<boolean> {
      const found = await db.selectFrom('outbox').select('done_at').where('id', '=', row).executeTakeFirst();
      return found !== undefined && found.done_at !== null;
    },

    /** Both systems behave again. */
    async heal(): Promise<void> {
      await workshop.searchLag(0);
      await ask(`${house.gitlabUrl}/sandbox/faults`, { method: 'DELETE' });
      await post(`${house.jiraUrl}/sandbox/heal`, {});
    },
    gitlabFault: (fault: object) => post(`${house.gitlabUrl}/sandbox/faults`, fault),
    jiraFault: (fault: object) => post(`${house.jiraUrl}/sandbox/faults`, fault),
    async struck(): Promise<number> {
      const gitlab = await ask<{ struck: number }[]>(`${house.gitlabUrl}/sandbox/faults`);
      const jira = await ask<{ faults: { hits: number }[] }>(`${house.jiraUrl}/sandbox/faults`);
      return [...gitlab.map(({ struck }) => struck), ...jira.faults.map(({ hits }) => hits)].reduce(
        (sum, hits) => sum + hits,
        0,
      );
    },
    searchLag: (searchLagMs: number) =>
      ask(`${house.jiraUrl}/sandbox/settings`, { method: 'PATCH', body: { searchLagMs } }),

    async close() {
      await composed.queue.close();
      await composed.close();
      await house.close();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  const supervised = new Set<string>();
  return workshop;
}

/** A merge request in the works. */
export interface Order {
  folder: string;
  iid: number;
  changeId: string;
}

/** More jobs than any change here leads to: a loop that does not end is a defect. */
const MOST_JOBS = 80;

function moduleOf({ gitlabUrl, scene }: House, folder: string, version: number, declared: boolean): string {
  const state = folder.replaceAll('/', '-');
  const place = { gitlabUrl, project: scene.project.id, state };
  const body = declared
    ? APPROVAL_VARIABLE + subnet('only', `10.0.${version}.0/24`)
    : `resource "terraform_data" "only" {\n  input = ${version}\n}\n`;
  return rootModule(place, body);
}

async function openJobs(
  db: WorkshopDatabase,
  { changeId }: Order,
): Promise<{ id: number; effect: string }[]> {
  return db
    .selectFrom('outbox')
    .select(['id', 'effect'])
    .where((where) => where.or([where('change_id', '=', changeId), where('change_id', 'is', null)]))
    .where('done_at', 'is', null)
    .where('gave_up_at', 'is', null)
    .orderBy('id')
    .execute();
}

type WorkshopDatabase = Awaited<ReturnType<typeof composeWorkers>>['db'];

/** Nobody here waits for paces and back-offs. */
async function makeDue(db: WorkshopDatabase, row: number): Promise<void> {
  await sql`update outbox set run_after = clock_timestamp() where id = ${row}`.execute(db);
}
