import { approvalInForce } from '#domain/approval.ts';
import type { Change } from '#domain/change.ts';
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

/** The compare-and-set on the ticket; the reason when somebody moved it. Another project of the change may have moved it already. */
async function startOnTicket(
  context: WorkerContext,
  change: Change,
  { key: project }: Applying,
): Promise<string | undefined> {
  const { ticket } = change;
  const approval = approvalInForce(change, project);
  if (ticket.status !== 'open') return 'its ticket is not open';
  if (approval === undefined) return 'its approval is gone';
  const { key } = ticket;
  try {
    if (approval.kind === 'standing' && approval.mandate !== undefined) {
      const told = startedInAdvance(approval.mandate, changeUrl(context, change));
      await context.ticketing.comment(key, `started-in-advance-${ticket.review.round}`, told);
    }
    if (approval.kind === 'break-glass') {
      await startUnapproved(context, change, key, approval.glass);
      return undefined;
    }
    const moved = await context.ticketing.move(key, STARTS_FROM[approval.kind], 'applying');
    return moved.moved ? undefined : `ticket ${key} could not be moved to Applying: ${moved.reason}`;
  } catch (error) {
    if (error instanceof Fault) return `ticket ${key} could not be moved to Applying: ${error.message}`;
    throw error;
  }
}

/** Claimed, but nothing was started: the bundle is spent all the same, and the project is planned again. */
function aborted({ key, attemptId }: Applying, reason: string): Conclusion {
  const outcome = { kind: 'failed-clean', reason, serialAfter: undefined, logDigest: '' } as const;
  return { fact: { type: 'attempt-ended', project: key, attemptId, outcome } };
}
