import { sql } from 'kysely';
import { receiveDelivery } from '#app/receive-delivery.ts';
import { reminderDue } from '#domain/reminder.ts';
import { until } from '#test/sandbox/house/http.ts';
import { readEntriesOfChange } from '#store/audit.ts';
import type { JobName } from '#workers/jobs.ts';
import { hintTag } from '#workers/watch-tags.ts';
import type { Outside } from './outside.ts';
import type { Order, Workshop } from './workshop.ts';

/** One effect with work to do, and what may be seen of it afterwards however often it was tried. */
export interface EffectCase {
  /** Leads a change to where this job is the next one; returns its row. */
  prepare(workshop: Workshop, folder: string): Promise<{ order: Order; row: number }>;
  /** What GitLab and JIRA hold afterwards. */
  outside: Partial<Outside>;
  /** What our own books hold afterwards; for effects that are seen nowhere else as well. */
  inside?(workshop: Workshop, order: Order): Promise<unknown>;
  is?: unknown;
  /** Its writes to the other side; each in turn is done and its answer lost. */
  writes?: readonly Write[];
}

export type Write = { at: 'gitlab' | 'jira'; method: string; path: string };

const postNote: Write = { at: 'gitlab', method: 'POST', path: '/merge_requests/\\d+/notes$' };
const openIssue: Write = { at: 'jira', method: 'POST', path: '/issue$' };
const editIssue: Write = { at: 'jira', method: 'PUT', path: '/issue/[A-Z0-9-]+$' };
const move: Write = { at: 'jira', method: 'POST', path: '/transitions$' };
const remark: Write = { at: 'jira', method: 'POST', path: '/comment$' };
const attach: Write = { at: 'jira', method: 'POST', path: '/attachments$' };
const link: Write = { at: 'jira', method: 'POST', path: '/remotelink$' };

/** One case for each job there is. A job without one does not compile, and is reported by the test as well. */
export const CASES: Readonly<Record<JobName, EffectCase>> = {
  'handle-delivery': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      await workshop.settle(order, { applies: false });
      const body = JSON.stringify({
        object_kind: 'merge_request',
        object_attributes: {
          action: 'open',
          iid: order.iid,
          target_project_id: workshop.house.scene.project.id,
        },
      });
      const delivery = { source: 'gitlab', key: folder, event: 'Merge Request Hook' } as const;
      await receiveDelivery(workshop.db, { ...delivery, repository: undefined, body });
      return { order, row: await workshop.until(order, 'handle-delivery') };
    },
    outside: { tickets: 1 },
    // Two hints that wait are one reading.
    inside: async (workshop, order) => (await workshop.openJobs(order)).map(({ effect }) => effect),
    is: ['read-merge-request'],
  },
  'read-command': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      await workshop.comment(order, 'countersign help');
      await workshop.only(order, 'read-merge-request');
      return { order, row: await workshop.until(order, 'read-command') };
    },
    outside: { reactions: 1 },
    inside: ({ db }, order) => countOf(db, 'commands', order),
    is: 1,
    writes: [{ at: 'gitlab', method: 'POST', path: '/award_emoji' }],
  },
  'read-merge-request': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      return { order, row: await workshop.until(order, 'read-merge-request') };
    },
    outside: { tickets: 0 },
    inside: ({ db }, order) => countOf(db, 'revisions', order),
    is: 1,
  },
  'read-ticket': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      await workshop.settle(order);
      await workshop.approve(order);
      return { order, row: await workshop.until(order, 'read-ticket') };
    },
    outside: { moves: ['In review', 'Approved'] },
    inside: async (workshop, order) =>
      (await workshop.openJobs(order)).filter(({ effect }) => effect === 'collect-evidence').length,
    is: 1,
  },
  'open-ticket': {
    async prepare(workshop, folder) {
      await workshop.searchLag(1_500);
      const order = await workshop.propose(folder);
      return { order, row: await workshop.until(order, 'open-ticket') };
    },
    outside: { tickets: 1, links: 1, comments: 0, moves: [] },
    inside: ({ db }, order) => countOf(db, 'tickets', order),
    is: 1,
    writes: [openIssue, link],
  },
  'withdraw-ticket': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      await workshop.settle(order);
      await workshop.pushAgain(order);
      return { order, row: await workshop.until(order, 'withdraw-ticket') };
    },
    outside: { moves: ['In review', 'Requested'], comments: 1 },
    writes: [move, remark],
  },
  'present-ticket': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      return { order, row: await workshop.until(order, 'present-ticket') };
    },
    outside: { moves: ['In review'], attachments: 2 },
    writes: [attach, editIssue, move],
  },
  'ask-on': {
    async prepare(workshop, folder) {
      const { order, row } = await approvedUntil('collect-evidence')(workshop, folder);
      return { order, row: await workshop.askOn(order, row) };
    },
    outside: { moves: ['In review', 'Approved', 'In review'], comments: 1, attachments: 2 },
    writes: [remark, editIssue, move],
  },
  'close-ticket': {
    prepare: approvedUntil('close-ticket'),
    outside: { moves: ['In review', 'Approved', 'Applying', 'Done'], comments: 1, links: 1 },
    writes: [remark, move, link],
  },
  'run-plan': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      return { order, row: await workshop.until(order, 'run-plan') };
    },
    outside: { stateVersions: 0 },
    inside: async ({ db }, order) => [
      await db.selectFrom('plan_runs').select('status').where('change_id', '=', order.changeId).execute(),
      (await db.selectFrom('plan_bundles').select('plan_run_id').execute()).filter((bundle) =>
        bundle.plan_run_id.startsWith(order.changeId),
      ).length,
    ],
    is: [[{ status: 'planned' }], 1],
  },
  'stop-plan': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder, { declaresApprovalId: false });
      await workshop.until(order, 'run-plan');
      await workshop.pushAgain(order);
      await workshop.only(order, 'read-merge-request');
      const job = (await workshop.openJobs(order)).find(({ effect }) => effect === 'stop-plan');
      return { order, row: job?.id ?? 0 };
    },
    outside: { stateVersions: 0 },
    inside: async ({ db }, order) =>
      (
        await db
          .selectFrom('plan_runs')
          .select('status')
          .where('change_id', '=', order.changeId)
          .orderBy('queued_at')
          .execute()
      )[0]?.status,
    is: 'stopped',
  },
  'collect-evidence': {
    prepare: approvedUntil('collect-evidence'),
    outside: { stateVersions: 0, moves: ['In review', 'Approved'] },
    inside: ({ db }, order) => countOf(db, 'gate_evaluations', order),
    is: 1,
  },
  'wake-change': {
    async prepare(workshop, folder) {
      const { order, row } = await approvedUntil('collect-evidence')(workshop, folder);
      await workshop.gatesSay(order, row, { turnsAt: '2026-01-01T00:00:00Z' });
      return { order, row: await workshop.until(order, 'wake-change') };
    },
    outside: { moves: ['In review', 'Approved'], stateVersions: 0 },
    // The gates are asked anew, once.
    inside: async (workshop, order) =>
      (await workshop.openJobs(order)).filter(({ effect }) => effect === 'collect-evidence').length,
    is: 1,
  },
  'remind-approvers': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      await workshop.settle(order);
      const { desk, ledger } = workshop.context;
      await until('the review to take too long', async () =>
        reminderDue(await workshop.change(order), await ledger.now()),
      );
      await desk.request(order.changeId, { type: 'remind-approvers' });
      return { order, row: await workshop.until(order, 'remind-approvers') };
    },
    outside: { moves: ['In review'], comments: 1 },
    writes: [remark],
  },
  'run-apply': {
    prepare: approvedUntil('run-apply'),
    outside: { moves: ['In review', 'Approved', 'Applying'], stateVersions: 0 },
    inside: async ({ db, started }, order) => [
      await countOf(db, 'attempts', order),
      started.filter((id) => id.includes(order.changeId)).length,
    ],
    is: [1, 1],
    writes: [move],
  },
  'verify-apply': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      await workshop.settle(order);
      await workshop.approve(order);
      return { order, row: await workshop.until(order, 'verify-apply') };
    },
    outside: {},
    inside: async (workshop, order) =>
      ((await workshop.change(order)).verifications ?? []).map(({ result }) => result.kind),
    is: ['clean'],
  },
  'interrupt-apply': {
    async prepare(workshop, folder) {
      const order = await claimed(workshop, folder);
      await workshop.comment(order, 'countersign cancel');
      return { order, row: await workshop.until(order, 'interrupt-apply') };
    },
    outside: { stateVersions: 0 },
    inside: async ({ db }, order) =>
      db
        .selectFrom('attempts')
        .select('interrupt_requested')
        .where('change_id', '=', order.changeId)
        .execute(),
    is: [{ interrupt_requested: true }],
  },
  'prepare-release': {
    prepare: approvedUntil('prepare-release'),
    outside: { tags: 0, stateVersions: 1 },
    inside: async (workshop, order) =>
      (await workshop.openJobs(order)).filter(({ effect }) => effect === 'tag-release').length,
    is: 1,
  },
  'tag-release': {
    prepare: approvedUntil('tag-release'),
    outside: { tags: 1, merged: false },
    writes: [{ at: 'gitlab', method: 'POST', path: '/repository/tags' }],
  },
  'look-at-tag': {
    async prepare(workshop, folder) {
      const order = await releasedAndDeleted(workshop, folder);
      return { order, row: await workshop.until(order, 'look-at-tag') };
    },
    outside: { tags: 0, merged: true },
    inside: async ({ db }, order) => {
      const entries = await readEntriesOfChange(db, order.changeId);
      return entries.filter(({ envelope }) => envelope.includes('"release-tag-seen"')).length;
    },
    is: 1,
  },
  'tell-release-tag': {
    async prepare(workshop, folder) {
      const order = await releasedAndDeleted(workshop, folder);
      return { order, row: await workshop.until(order, 'tell-release-tag') };
    },
    // What closed the ticket, and this.
    outside: { tags: 0, comments: 2 },
    writes: [remark],
  },
  'merge-change': {
    prepare: approvedUntil('merge-change'),
    outside: { tags: 1, merged: true },
    writes: [{ at: 'gitlab', method: 'PUT', path: '/merge$' }],
  },
  'compare-after-merge': {
    prepare: approvedUntil('compare-after-merge'),
    outside: { merged: true },
  },
  'tell-waiting': {
    async prepare(workshop, folder) {
      const { order, row: _ } = await approvedUntil('merge-change')(workshop, folder);
      const waiting = await workshop.propose(folder, { branch: waitingFor(folder) });
      await workshop.settle(waiting);
      await workshop.approve(waiting);
      await workshop.settle(waiting, { applies: false });
      await workshop.erin.close(order.iid);
      await workshop.hint(order);
      return { order, row: await workshop.until(order, 'tell-waiting') };
    },
    outside: { merged: false },
    inside: async ({ db }, { folder }) => {
      const { rows } = await sql<{ effect: string }>`select effect from outbox
        join changes on changes.id = change_id
        where title = ${`Change ${folder}`} and done_at is null and effect = 'collect-evidence'`.execute(db);
      return rows.length;
    },
    is: 1,
  },
  'tell-break-glass': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      await workshop.settle(order);
      await workshop.comment(order, 'countersign apply --break-glass it is down');
      return { order, row: await workshop.until(order, 'tell-break-glass') };
    },
    outside: { moves: ['In review'], comments: 1, notes: 2 },
    writes: [postNote, remark],
  },
  'review-debt': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      await workshop.settle(order);
      const asked = await workshop.comment(order, 'countersign apply --break-glass it is down');
      await workshop.settle(order);
      await workshop.comment(order, `countersign confirm ${asked}`, 'mia');
      return { order, row: await workshop.until(order, 'review-debt') };
    },
    outside: { moves: ['In review', 'Requested', 'Applying', 'Requested', 'In review'], comments: 3 },
    inside: async ({ db }, order) =>
      (await db.selectFrom('debts').select('paid_at').where('change_id', '=', order.changeId).execute())
        .length,
    is: 1,
    writes: [remark, editIssue, move],
  },
  'open-rollback': {
    async prepare(workshop, folder) {
      const { order } = await approvedUntil('compare-after-merge')(workshop, folder);
      await workshop.settle(order);
      await workshop.comment(order, 'countersign rollback');
      return { order, row: await workshop.until(order, 'open-rollback') };
    },
    outside: { merged: true },
    inside: async ({ db, erin }, order) => {
      const rows = await db
        .selectFrom('rollbacks')
        .select(['branch', 'iid'])
        .where('change_id', '=', order.changeId)
        .execute();
      const [branch = ''] = rows.map((row) => row.branch);
      const found = await erin.asked<{ iid: number }[]>(
        `/merge_requests?source_branch=${encodeURIComponent(branch)}`,
      );
      return found.map(({ iid }) => rows.some((row) => row.iid === iid));
    },
    is: [true],
    writes: [
      { at: 'gitlab', method: 'POST', path: '/repository/commits$' },
      { at: 'gitlab', method: 'POST', path: '/merge_requests$' },
      remark,
      postNote,
    ],
  },
  'publish-note': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      return { order, row: await workshop.until(order, 'publish-note') };
    },
    outside: { notes: 1 },
    writes: [postNote],
  },
  'publish-status': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      // While it is planned the status is pending, and begins no pipeline of its own.
      for (const name of ['read-merge-request', 'open-ticket', 'run-plan'] as const)
        await workshop.only(order, name);
      return { order, row: await workshop.until(order, 'publish-status') };
    },
    outside: { statuses: 1 },
    writes: [{ at: 'gitlab', method: 'POST', path: '/statuses/' }],
  },
  'resolve-attempt': {
    async prepare(workshop, folder) {
      const order = await claimed(workshop, folder);
      const { db } = workshop;
      const [project] = (await workshop.change(order)).projects;
      const attemptId = project !== undefined && 'attemptId' in project ? project.attemptId : '';
      await workshop.context.ledger.record({
        changeId: order.changeId,
        fact: { type: 'attempt-lost', project: folder, attemptId, reason: 'nobody answers' },
        actor: { kind: 'service', component: 'reconcile' },
      });
      await sql`update attempts set heartbeat_at = now() - interval '1 hour' where id = ${attemptId}`.execute(
        db,
      );
      await workshop.comment(order, `countersign resolve ${folder} not-applied nothing is there`);
      return { order, row: await workshop.until(order, 'resolve-attempt') };
    },
    outside: { stateVersions: 0 },
    inside: async ({ db, erin, house }, order) => [
      await db
        .selectFrom('attempts')
        .select(['status', 'resolved_as'])
        .where('change_id', '=', order.changeId)
        .execute(),
      (await erin.notes(order.iid))
        .filter(({ author, body }) => author.id === house.scene.bot.id && body.includes(':reply-'))
        .map(({ body }) => /refused/i.test(body)),
    ],
    is: [[{ status: 'resolved', resolved_as: 'not-applied' }], [false]],
    writes: [postNote],
  },
  'answer-question': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      await workshop.until(order, 'publish-note');
      await workshop.comment(order, 'countersign status');
      await workshop.only(order, 'read-command');
      const job = (await workshop.openJobs(order)).find(({ effect }) => effect === 'answer-question');
      return { order, row: job?.id ?? 0 };
    },
    outside: { notes: 1, reactions: 1 },
    writes: [postNote],
  },
  'answer-command': {
    async prepare(workshop, folder) {
      const order = await workshop.propose(folder);
      await workshop.until(order, 'publish-note');
      await workshop.comment(order, 'countersign help');
      await workshop.only(order, 'read-command');
      const job = (await workshop.openJobs(order)).find(({ effect }) => effect === 'answer-command');
      return { order, row: job?.id ?? 0 };
    },
    outside: { notes: 1, reactions: 1 },
    writes: [postNote],
  },
};

/** A change that was approved, led on until this job is next. */
function approvedUntil(name: JobName): EffectCase['prepare'] {
  return async (workshop, folder) => {
    const order = await workshop.propose(folder);
    await workshop.settle(order);
    await workshop.approve(order);
    return { order, row: await workshop.until(order, name) };
  };
}

/** A change that is over, whose release tag somebody has deleted since; its hook has come. */
async function releasedAndDeleted(workshop: Workshop, folder: string): Promise<Order> {
  const { order, row: _ } = await approvedUntil('compare-after-merge')(workshop, folder);
  await workshop.settle(order);
  const { release } = await workshop.change(order);
  if (release.status !== 'tagged') throw new Error(`!${order.iid} was not released`);
  await workshop.olga.asked(`/repository/tags/${encodeURIComponent(release.tag)}`, 'DELETE');
  await hintTag(workshop.context, workshop.house.scene.project.id, release.tag);
  return order;
}

/** A change whose attempt is claimed and whose supervisor never comes. */
async function claimed(workshop: Workshop, folder: string): Promise<Order> {
  const { order, row } = await approvedUntil('run-apply')(workshop, folder);
  await workshop.run(row);
  return order;
}

function waitingFor(folder: string): string {
  return `${folder}-next`;
}

async function countOf(
  db: Workshop['db'],
  table: 'commands' | 'revisions' | 'tickets' | 'attempts' | 'gate_evaluations',
  { changeId }: Order,
): Promise<number> {
  const rows = await db.selectFrom(table).select('change_id').where('change_id', '=', changeId).execute();
  return rows.length;
}
