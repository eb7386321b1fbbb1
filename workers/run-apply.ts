import { approvalNamed, type DecidedApproval, type InAdvance } from '#domain/approval.ts';
import { setTimeout as wait } from 'node:timers/promises';
import type { Change, Ticket } from '#domain/change.ts';
import type { TicketStatus } from '#domain/fact.ts';
import { askedAgain } from '#domain/lifecycle/applying.ts';
import type { Applying } from '#domain/project.ts';
import { Fault } from '#domain/fault.ts';
import { startedInAdvance } from '#messages/in-advance.ts';
import { startUnapproved } from './start-unapproved.ts';
import { askGates, toGateResult, toVerdict } from './ask-gates.ts';
import { isEvidenceOld } from './evidence-age.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';

interface Payload {
  project: string;
  attemptId: string;
}

/**
 * Starts the one attempt a plan bundle may get. The claim comes first, unique in the database; then the ticket is moved
 * from Approved to Applying, which JIRA refuses if anybody moved it meanwhile; then a supervisor of its own process
 * takes over, so that nothing that happens to this worker happens to the apply. Never retried: a second run of this job
 * finds the claim and leaves it alone.
 */
export async function runApply(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const { attemptId } = job.payload;
  const found = await changeOf(context, job);
  const waiting = queuedAttempt(found, attemptId);
  if (waiting === undefined) return undefined;
  const change = (await isEvidenceOld(context, waiting))
    ? await lookAgain(context, job, found, waiting)
    : found;
  const project = queuedAttempt(change, attemptId);
  if (project === undefined) return undefined;
  await reachTicket(context, change, project);
  if (!(await claim(context, change, project))) return undefined;
  const refusal = await startOnTicket(context, change, project);
  if (refusal !== undefined) return aborted(project, refusal);
  await context.startSupervisor(attemptId);
  return undefined;
}

function queuedAttempt(change: Change, attemptId: string): Applying | undefined {
  const project = change.projects.find((each) => each.status === 'applying' && each.attemptId === attemptId);
  return project?.status === 'applying' && project.phase === 'queued' ? project : undefined;
}

/**
 * Asks the gates once more, here, where its turn has come: back in the queue the new evidence would grow old as well. The
 * change as it is then: the attempt is still wanted if all of them say yes.
 */
async function lookAgain(
  context: WorkerContext,
  { lease }: Job<Payload>,
  change: Change,
  project: Applying,
): Promise<Change> {
  const evaluationId = `${change.id}.a${lease.id}-${lease.epoch}`;
  const asked = await askGates(context, change, [askedAgain(project, evaluationId)]);
  const verdicts = asked.map((each) => ({ ...toVerdict(each), renews: project.evaluationId }));
  const decision = await context.ledger.record({
    changeId: change.id,
    fact: { type: 'gates-evaluated', verdicts },
    actor: { kind: 'service', component: 'run-apply' },
    attachment: { gateResults: asked.map(toGateResult) },
  });
  return decision.change;
}

/** A ticket system that does not answer is waited for while nothing is claimed yet: a claim spends the bundle. */
async function reachTicket(
  { ticketing }: WorkerContext,
  change: Change,
  { approval }: Applying,
): Promise<void> {
  const { ticket } = change;
  if (ticket.status !== 'open' || approval.kind === 'break-glass') return;
  await inTime(ticketing.read(ticket.key));
}

/** Whether this worker, and no other, may start the attempt. */
async function claim(context: WorkerContext, change: Change, project: Applying): Promise<boolean> {
  const { key, attemptId, plan, command } = project;
  const { planRunId, bundleHash } = plan;
  const person = command?.by.person;
  try {
    const decision = await context.ledger.record({
      changeId: change.id,
      fact: { type: 'attempt-claimed', project: key, attemptId, planRunId, bundleHash },
      actor:
        person === undefined ? { kind: 'service', component: 'run-apply' } : { kind: 'person', id: person },
    });
    return decision.refusals.length === 0;
  } catch (error) {
    if (error instanceof Fault && CLAIM_LOST.has(error.code)) {
      context.log.warn(
        { attemptId, code: error.code },
        'the claim of an attempt was refused by the database',
      );
      if (error.code !== 'bundle-already-attempted') await askAgain(context, change, project);
      return false;
    }
    throw error;
  }
}

const CLAIM_LOST: ReadonlySet<string> = new Set([
  'held-by-another-change',
  'mandate-used-up',
  'bundle-already-attempted',
]);

/** Another change took the project, or the last use of a mandate, since the gates were asked: they are asked again. */
async function askAgain(
  { ledger }: WorkerContext,
  { id }: Change,
  { key, evaluationId }: Applying,
): Promise<void> {
  await ledger.record({
    changeId: id,
    fact: { type: 'evaluation-stale', project: key, evaluationId },
    actor: { kind: 'service', component: 'run-apply' },
  });
}

/** Where the ticket is when an attempt may start, by what lets it: nobody is asked about what is approved in advance. */
const STARTS_FROM: Readonly<Record<'decided' | 'standing', readonly TicketStatus[]>> = {
  decided: ['approved', 'applying'],
  standing: ['requested', 'applying'],
};

interface NotStarted {
  reason: string;
  /** The ticket system failed, and nobody refused anything. */
  passing?: true;
}

/** Nobody heeds an attempt that was claimed and has no supervisor yet, so the ticket system gets no longer than this. */
const ANSWERS_WITHIN_MS = 20_000;

async function inTime<T>(work: Promise<T>): Promise<T> {
  const clock = new AbortController();
  const late = wait(ANSWERS_WITHIN_MS, undefined, { signal: clock.signal }).then(() => {
    throw new Fault('ticket-silent', 'the ticket system did not answer in time', { retryable: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clock.abort();
    late.catch(() => undefined);
  }
}

/** Starts on the ticket, again and again for a moment when the ticket system fails: what it takes twice it does once. */
async function startOnTicket(
  context: WorkerContext,
  change: Change,
  { approval: judged, key: project }: Applying,
): Promise<NotStarted | undefined> {
  const { ticket } = change;
  const approval = approvalNamed(change, judged, project);
  if (ticket.status !== 'open') return { reason: 'its ticket is not open' };
  if (approval === undefined) return { reason: 'its approval is gone' };
  try {
    if (approval.kind === 'break-glass') {
      const no = await inTime(startUnapproved(context, change, ticket.key, approval.glass));
      return no === undefined ? undefined : { reason: no };
    }
    const reason = await inTime(persistently(() => moveToApplying(context, change, ticket, approval)));
    return reason === undefined ? undefined : { reason };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // That it does not answer may be the emergency itself.
    if (approval.kind === 'break-glass') return undefined;
    const reason = `its ticket could not be moved to Applying: ${error.message}`;
    return { reason, ...(error.retryable ? { passing: true } : {}) };
  }
}

const TRIES = 4;
const FIRST_PAUSE_MS = 500;

async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable || tries === TRIES) throw error;
      await wait(Math.max(FIRST_PAUSE_MS * 2 ** (tries - 1), error.retryAfterMs ?? 0));
    }
  }
}

/** The compare-and-set on the ticket; the reason when somebody moved it. Another project of the change may have moved it already. */
async function moveToApplying(
  context: WorkerContext,
  change: Change,
  { key, review }: Extract<Ticket, { status: 'open' }>,
  approval: DecidedApproval | InAdvance,
): Promise<string | undefined> {
  if (approval.kind === 'standing' && approval.mandate !== undefined) {
    const told = startedInAdvance(approval.mandate, changeUrl(context, change));
    await context.ticketing.comment(key, `started-in-advance-${review.round}`, told);
  }
  const moved = await context.ticketing.move(key, STARTS_FROM[approval.kind], 'applying');
  return moved.moved ? undefined : `ticket ${key} could not be moved to Applying: ${moved.reason}`;
}

/** Claimed, but nothing was started: the bundle is spent all the same, and the project is planned again. */
function aborted({ key, attemptId }: Applying, why: NotStarted): Conclusion {
  const outcome = { kind: 'failed-clean', ...why, serialAfter: undefined, logDigest: '' } as const;
  return { fact: { type: 'attempt-ended', project: key, attemptId, outcome } };
}
