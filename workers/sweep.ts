import type { ListedMergeRequest } from '#app/ports/code-host.ts';
import { plannedProjects } from '#domain/approved-tuple.ts';
import { approvalExpiresAt } from '#domain/expiry.ts';
import { parseCommand } from '#domain/command.ts';
import type { Change, MergeRequestRef } from '#domain/change.ts';
import type { Blocked, GateReason } from '#domain/project.ts';
import { ASKED_AGAIN } from '#domain/gates/answer.ts';
import { workPlanOf } from '#domain/work-plan.ts';
import type { WorkerContext } from './context.ts';
import { isDecisionNews } from './decision-news.ts';
import { letGoUnheard } from './tell-waiting.ts';
import { ticketRead } from './read-decisions.ts';
import { hintDebt, watchEmergencies } from './watch-emergencies.ts';
import { remindOfReviews } from './remind-approvers.ts';
import { watchHooks } from './watch-hooks.ts';
import { endOverdueMandates, hearOfMandate } from './watch-mandates.ts';
import { hintCommand, hintMergeRequest } from './handle-delivery.ts';

/** Counted whenever the sweep finds what a webhook should have told. */
const FOUND_BY_POLLING = 'found_by_polling';
const SWEEP = { kind: 'service', component: 'sweep' } as const;
/** What was updated this long before the last round is read again: the other side's clock and index are not ours. */
const OVERLAP_MS = 10 * 60_000;
/** A blocked project is asked about again after this long, though nobody said that anything moved. */
const BLOCKED_LOOK_MS = 5 * 60_000;

/**
 * One round over everything, so that all works without webhooks, only later: merge requests, comments and tickets that
 * moved are found by asking, blocked projects are asked about again, plans too old give way.
 */
export async function sweep(context: WorkerContext): Promise<void> {
  for (const repository of context.settings.repositories) {
    await sweepMergeRequests(context, repository);
    await sweepBlocked(context, repository);
    await sweepUnconfigured(context, repository);
  }
  await sweepTickets(context);
  await endOverdueMandates(context);
  await watchEmergencies(context);
  await expireApprovals(context);
  await remindOfReviews(context);
  await expirePlans(context);
  for (const repository of context.settings.repositories) await watchHooks(context, repository);
}

async function sweepMergeRequests(context: WorkerContext, repository: number): Promise<void> {
  const { codeHost } = context;
  await sinceLastRound(context, `merge-requests:${repository}`, async (since) => {
    for (const listed of await codeHost.updatedMergeRequests(repository, since)) {
      const ref = { repository, iid: listed.iid };
      if (await isNews(context, ref, listed)) {
        await context.ledger.count(FOUND_BY_POLLING, 1);
        await hintMergeRequest(context, ref);
      }
      if (listed.state === 'open') await sweepNotes(context, ref, since);
    }
  });
}

async function isNews(
  { ledger }: WorkerContext,
  ref: MergeRequestRef,
  listed: ListedMergeRequest,
): Promise<boolean> {
  const changeId = await ledger.changeOf(ref);
  const change = changeId === undefined ? undefined : await ledger.change(changeId);
  if (change === undefined) return listed.state === 'open';
  if (listed.state !== 'open') return change.merge.status !== listed.state;
  const { merge, newerHead, notAdmitted, revision } = change;
  const heads = [revision?.headSha, notAdmitted?.headSha, newerHead];
  const moved = revision !== undefined && revision.targetBranch !== listed.targetBranch;
  const isEdited = workPlanOf(change.description).hash !== workPlanOf(listed.description).hash;
  const isOther = !heads.includes(listed.headSha) || merge.status === 'closed' || notAdmitted !== undefined;
  return isOther || moved || isEdited;
}

/** Commands whose webhook was lost. */
async function sweepNotes(context: WorkerContext, ref: MergeRequestRef, since: string): Promise<void> {
  const { codeHost, conversation, ledger, settings } = context;
  const notes = await conversation.notesSince(ref, since);
  const names = { alsoAtlantis: settings.alsoAtlantis, mention: (await codeHost.self()).username };
  const commands = notes.filter(
    ({ body, edited, system }) => !system && !edited && parseCommand(body, names),
  );
  const ids = commands.map(({ id }) => id);
  const taken = new Set(await ledger.takenCommands(ref.repository, ids));
  for (const noteId of ids.filter((id) => !taken.has(id))) {
    await ledger.count(FOUND_BY_POLLING, 1);
    await hintCommand(context, { ...ref, noteId });
  }
}

/** What waits for something that may have cleared without a word: most gates are told, some are not. */
async function sweepBlocked({ ledger }: WorkerContext, repository: number): Promise<void> {
  const now = Date.parse(await ledger.now());
  for (const change of await ledger.openChanges(repository)) {
    const freed = await letGoUnheard(change, ledger);
    if (freed.length === 0 && !(await isWorthALook(change, ledger, now))) continue;
    const told =
      freed.length === 0 ? { what: 'time passed' } : { what: `${freed.join(', ')} is free`, freed };
    const fact = { type: 'surroundings-changed', source: 'sweep', ...told } as const;
    await ledger.record({ changeId: change.id, fact, actor: SWEEP });
  }
}

/** Merge requests that wait for their target's configuration to be mended, when its branch moved without a word. */
async function sweepUnconfigured(context: WorkerContext, repository: number): Promise<void> {
  for (const { mergeRequest, notAdmitted } of await context.ledger.openChanges(repository)) {
    if (notAdmitted?.target === undefined) continue;
    const { branch, sha } = notAdmitted.target;
    if ((await context.codeHost.branch(repository, branch))?.headSha === sha) continue;
    await context.ledger.count(FOUND_BY_POLLING, 1);
    await hintMergeRequest(context, mergeRequest);
  }
}

async function isWorthALook(change: Change, ledger: WorkerContext['ledger'], now: number): Promise<boolean> {
  if (change.release.status === 'refused') return true;
  if (change.merge.status === 'refused')
    return now - Date.parse(change.merge.at) > spacing(change.merge.tries);
  const blocked = change.projects.filter((project): project is Blocked => project.status === 'blocked');
  // What could not be seen may be seen now; a plain no seldom turns into a yes by itself.
  if (blocked.some(({ reasons }) => reasons.some((reason) => mayClear(reason, now)))) return true;
  const [first] = blocked;
  if (first === undefined) return false;
  return (
    now - Date.parse((await ledger.evaluatedAt(first.evaluationId)) ?? '1970-01-01T00:00:00Z') >
    BLOCKED_LOOK_MS
  );
}

/**
 * What a check cannot decide from a plan it cannot decide from the same plan later; that it could not be asked may pass. What
 * ends with its time should have been looked at then; this is for the case that it was not.
 */
function mayClear({ answer, gate, remedy, until }: GateReason, now: number): boolean {
  if (until !== undefined && Date.parse(until) <= now) return true;
  return answer === 'unknown' && (gate !== 'checks-passed' || remedy === ASKED_AGAIN);
}

/** A merge that was refused often is tried less often: after seconds at first, once an hour in the end. */
function spacing(tries: number): number {
  return Math.min(1_000 * 2 ** Math.min(tries, 12), 3_600_000);
}

async function sweepTickets(context: WorkerContext): Promise<void> {
  const { ledger, settings, ticketing } = context;
  await sinceLastRound(context, 'tickets', async (since) => {
    for (const key of await ticketing.updatedSince(since)) {
      const changeId = await ledger.changeOfTicket(key);
      const change = changeId === undefined ? undefined : await ledger.change(changeId);
      if (change === undefined) {
        await hearOfMandate(context, key);
        continue;
      }
      await hintDebt(context, change, key);
      const reading = await ticketing.read(key);
      if (!isDecisionNews(change, reading, settings.ticketBot)) continue;
      await ledger.count(FOUND_BY_POLLING, 1);
      const fact = await ticketRead(context, change, reading);
      await ledger.record({ changeId: change.id, fact, actor: SWEEP });
    }
  });
}

/** What was approved too long ago is asked again, on plans that will not be too old before that is answered. */
async function expireApprovals({ ledger, settings }: WorkerContext): Promise<void> {
  const now = Date.parse(await ledger.now());
  const halfAge = (settings.gates.planMaxAgeSeconds * 1000) / 2;
  for (const repository of settings.repositories) {
    for (const change of await ledger.openChanges(repository)) {
      const expiresAt = approvalExpiresAt(change);
      const { ticket } = change;
      if (expiresAt === undefined || ticket.status !== 'open' || Date.parse(expiresAt) > now) continue;
      const planAgain = plannedProjects(change)
        .filter(({ plan }) => now - Date.parse(plan.plannedAt) > halfAge)
        .map(({ key }) => key);
      const { key, review } = ticket;
      const fact = { type: 'approval-expired', key, round: review.round, planAgain } as const;
      await ledger.record({ changeId: change.id, fact, actor: SWEEP });
    }
  }
}

/** Plans too old to be applied give way, and their bundles are destroyed. */
async function expirePlans({ ledger, planStore, settings }: WorkerContext): Promise<void> {
  for (const { changeId, project, planRunId } of await ledger.overduePlans(
    settings.gates.planMaxAgeSeconds,
  )) {
    await ledger.record({ changeId, fact: { type: 'plan-expired', project, planRunId }, actor: SWEEP });
    await planStore.destroy(planRunId);
  }
}

/** Does the round from where the last one began, and remembers where this one did only once it is through. */
async function sinceLastRound(
  { ledger }: WorkerContext,
  name: string,
  round: (since: string) => Promise<void>,
): Promise<void> {
  const startedAt = await ledger.now();
  const last = (await ledger.cursor(name)) ?? startedAt;
  await round(new Date(Date.parse(last) - OVERLAP_MS).toISOString());
  await ledger.setCursor(name, startedAt);
}
