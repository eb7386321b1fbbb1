import type { MergeRequestRef } from '#domain/change.ts';
import { adoptOrphans } from './attempt/adopt.ts';
import type { AttemptContext } from './attempt/context.ts';
import type { WorkerContext } from './context.ts';
import { hintCommand, hintMergeRequest } from './handle-delivery.ts';

/** Counted whenever the sweep finds what a webhook should have told. */
const FOUND_BY_POLLING = 'found_by_polling';
const ADOPT_EVERY_MS = 2_000;
const SWEEP = { kind: 'service', component: 'sweep' } as const;

export type ReconcileContext = WorkerContext & AttemptContext;

/**
 * Everything that works without webhooks, only later: merge requests, notes and tickets that changed are found by
 * asking, blocked projects are asked about again, plans too old are expired, attempts without a supervisor are adopted,
 * and the log's head is signed. Any number of workers may sweep; each finding is recorded once.
 */
export function startReconciling(
  context: ReconcileContext,
  sweepSeconds: number,
  log: { every: number; heartbeat(): Promise<unknown> },
): { stop(): Promise<void> } {
  const loops = [
    repeat(ADOPT_EVERY_MS, context, 'adopt', () => adoptOrphans(context)),
    repeat(sweepSeconds * 1000, context, 'sweep', () => sweep(context)),
    repeat(log.every * 1000, context, 'checkpoint', async () => {
      await log.heartbeat();
      await context.checkpoint();
    }),
  ];
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

/** One round over everything; also run by hand in tests. */
export async function sweep(context: ReconcileContext): Promise<void> {
  const since = await context.ledger.now();
  for (const repository of context.settings.repositories) await sweepRepository(context, repository);
  await sweepTickets(context);
  await expirePlans(context);
  await context.ledger.setCursor('sweep', since);
}

/** Two intervals are read again each time, since the other side's clock and index are not ours. */
async function sweepRepository(context: ReconcileContext, repository: number): Promise<void> {
  const { codeHost, ledger } = context;
  const name = `merge-requests:${repository}`;
  const startedAt = await ledger.now();
  const since = overlapping((await ledger.cursor(name)) ?? startedAt);
  const listed = await codeHost.openMergeRequests(repository, since);
  for (const { iid, headSha } of listed) {
    const changeId = await ledger.changeOf({ repository, iid });
    const change = changeId === undefined ? undefined : await ledger.change(changeId);
    const knownHead = change?.revision?.headSha ?? change?.notAdmitted?.headSha;
    if (knownHead !== headSha && change?.newerHead !== headSha) {
      await ledger.count(FOUND_BY_POLLING, 1);
      await hintMergeRequest(context, { repository, iid }, 'sweep');
    }
    await sweepNotes(context, { repository, iid }, since);
  }
  await sweepOpenChanges(context, repository, new Set(listed.map(({ iid }) => iid)));
  await ledger.setCursor(name, startedAt);
}

/** Commands whose webhook was lost. */
async function sweepNotes(context: ReconcileContext, ref: MergeRequestRef, since: string): Promise<void> {
  const { conversation, ledger } = context;
  const notes = (await conversation.notesSince(ref, since)).filter(
    ({ body, system }) => !system && looksLikeCommand(body),
  );
  const taken = new Set(
    await ledger.takenCommands(
      ref.repository,
      notes.map(({ id }) => id),
    ),
  );
  for (const { id } of notes) {
    if (taken.has(id)) continue;
    await ledger.count(FOUND_BY_POLLING, 1);
    await hintCommand(context, { ...ref, noteId: id });
  }
}

function looksLikeCommand(body: string): boolean {
  return /^\s*countersign\b/i.test(body);
}

/** Changes we believe open: merged or closed meanwhile, blocked by something that may have cleared, or with a newer head. */
async function sweepOpenChanges(
  context: ReconcileContext,
  repository: number,
  seen: ReadonlySet<number>,
): Promise<void> {
  const { ledger } = context;
  for (const change of await ledger.openChanges(repository)) {
    if (!seen.has(change.mergeRequest.iid)) await hintMergeRequest(context, change.mergeRequest, 'sweep');
    const waits = change.projects.some(({ status }) => status === 'blocked' || status === 'applied-unmerged');
    if (!waits) continue;
    const fact = { type: 'surroundings-changed', source: 'sweep', what: 'time passed' } as const;
    await ledger.record({ changeId: change.id, fact, actor: SWEEP });
  }
}

async function sweepTickets(context: ReconcileContext): Promise<void> {
  const { ledger, ticketing } = context;
  const startedAt = await ledger.now();
  const since = overlapping((await ledger.cursor('tickets')) ?? startedAt);
  for (const key of await ticketing.updatedSince(since)) {
    const changeId = await ledger.changeOfTicket(key);
    if (changeId === undefined) continue;
    await ledger.record({ changeId, fact: { type: 'ticket-hinted', source: 'sweep' }, actor: SWEEP });
  }
  await ledger.setCursor('tickets', startedAt);
}

/** Plans too old to be applied give way, and their bundles are destroyed. */
async function expirePlans({ ledger, planStore, settings }: ReconcileContext): Promise<void> {
  for (const { changeId, project, planRunId } of await ledger.overduePlans(
    settings.gates.planMaxAgeSeconds,
  )) {
    await ledger.record({ changeId, fact: { type: 'plan-expired', project, planRunId }, actor: SWEEP });
    await planStore.destroy(planRunId);
  }
}

function overlapping(time: string): string {
  return new Date(Date.parse(time) - 10 * 60_000).toISOString();
}

function repeat(
  everyMs: number,
  { log }: ReconcileContext,
  name: string,
  work: () => Promise<void>,
): { stop(): Promise<void> } {
  let stopped = false;
  let wake: () => void = () => undefined;
  const run = async () => {
    while (!stopped) {
      await work().catch((error: unknown) =>
        log.warn({ err: error, name }, 'a round of the sweep failed; the next one follows'),
      );
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const running = run();
  return {
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
}
