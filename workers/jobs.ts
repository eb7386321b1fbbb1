import { z } from 'zod';
import type { QueueName } from '#app/ports/queue.ts';
import type { EffectType } from '#domain/effect.ts';
import { answerCommand } from './answer-command.ts';
import { answerQuestion, MOST_ASKED } from './answer-question.ts';
import { askOn } from './ask-on.ts';
import { closeTicket } from './close-ticket.ts';
import { collectEvidence } from './collect-evidence.ts';
import { compareAfterMerge } from './compare-after-merge.ts';
import { askingTakesMs } from './ask-gates.ts';
import type { Conclusion, Job, WorkerContext, WorkerSettings } from './context.ts';
import { handleDelivery } from './handle-delivery.ts';
import { interruptApply } from './interrupt-apply.ts';
import { lookAtTag } from './look-at-tag.ts';
import { mergeChange } from './merge-change.ts';
import { openRollback } from './open-rollback.ts';
import { openTicket } from './open-ticket.ts';
import { prepareRelease } from './prepare-release.ts';
import { presentTicket } from './present-ticket.ts';
import { publishNote } from './publish-note.ts';
import { publishStatus } from './publish-status.ts';
import { readCommand } from './read-command.ts';
import { readMergeRequest } from './read-merge-request.ts';
import { readTicket } from './read-ticket.ts';
import { remindApprovers } from './remind-approvers.ts';
import { resolveAttempt } from './resolve-attempt.ts';
import { reviewDebt } from './review-debt.ts';
import { runApply } from './run-apply.ts';
import { runPlan } from './run-plan.ts';
import { stopPlan } from './stop-plan.ts';
import { tagRelease } from './tag-release.ts';
import { tellBreakGlass } from './tell-break-glass.ts';
import { tellReleaseTag } from './tell-release-tag.ts';
import { tellWaiting } from './tell-waiting.ts';
import { verifyApply } from './verify-apply.ts';
import { wakeChange } from './wake-change.ts';
import { withdrawTicket } from './withdraw-ticket.ts';

/**
 * Everything a worker can be asked to do. A stalled ring is never re-run by the queue; an outbox row whose worker fell
 * silent is leased again when its lease runs out, and each handler looks for its own earlier result first.
 */
export interface JobSpec {
  queue: QueueName;
  run(context: WorkerContext, job: Job<unknown>): Promise<Conclusion>;
  /** Tries before it is given up and shown to people; `forever` while the other side may yet heal. */
  tries: number | 'forever';
  backoff: { firstMs: number; mostMs: number };
  /** Of a job with this payload; longer where more has to be looked at. */
  timeLimitMs(settings: WorkerSettings, payload: unknown): number;
}

/** Every effect has its job, and so has what comes from outside: a delivery, a note, a tag. */
export type JobName = EffectType | 'handle-delivery' | 'read-command' | 'look-at-tag';

const MINUTE = 60_000;
const PATIENT = {
  tries: 'forever',
  backoff: { firstMs: 500, mostMs: 30_000 },
  timeLimitMs: 2 * MINUTE,
} as const;
const LOCAL = { tries: 20, backoff: { firstMs: 100, mostMs: 10_000 }, timeLimitMs: MINUTE } as const;

const nothing = z.object({});
const asker = z.object({
  gitlabId: z.number(),
  username: z.string(),
  accessLevel: z.number(),
  person: z.string().exactOptional(),
  roles: z.array(z.string()),
});
const command = z.looseObject({ verb: z.string() });
const outcome = z.looseObject({ kind: z.enum(['accepted', 'waiting', 'refused', 'done', 'help']) });
const ticketOutcome = z.enum([
  'done',
  'failed',
  'partial',
  'superseded',
  'no-changes',
  'cancelled',
  'expired',
]);

/** The catalogue. A new effect does not compile without its entry. */
export const JOBS: Readonly<Record<JobName, JobSpec>> = {
  'handle-delivery': job(z.object({ deliveryId: z.number() }), handleDelivery, 'effects', LOCAL),
  'read-command': job(z.object({ noteId: z.number() }), readCommand, 'effects', PATIENT),
  'read-merge-request': job(nothing, readMergeRequest, 'effects', PATIENT),
  'read-ticket': job(nothing, readTicket, 'effects', PATIENT),
  'open-ticket': job(
    z.object({ number: z.number(), previous: z.string().exactOptional() }),
    openTicket,
    'effects',
    PATIENT,
  ),
  'withdraw-ticket': job(nothing, withdrawTicket, 'effects', PATIENT),
  'present-ticket': job(nothing, presentTicket, 'effects', PATIENT),
  'ask-on': job(nothing, askOn, 'effects', PATIENT),
  'close-ticket': job(
    z.object({ key: z.string(), outcome: ticketOutcome, reason: z.string() }),
    closeTicket,
    'effects',
    PATIENT,
  ),
  'run-plan': job(z.object({ project: z.string(), planRunId: z.string() }), runPlan, 'plan', {
    tries: 'forever',
    backoff: { firstMs: 1_000, mostMs: 30_000 },
    timeLimitMs: 60 * MINUTE,
  }),
  'wake-change': job(z.object({ at: z.string() }), wakeChange, 'effects', PATIENT),
  'remind-approvers': job(nothing, remindApprovers, 'effects', PATIENT),
  'stop-plan': job(z.object({ planRunId: z.string() }), stopPlan, 'effects', LOCAL),
  'collect-evidence': job(
    z.object({ projects: z.array(z.object({ key: z.string(), evaluationId: z.string() })) }),
    collectEvidence,
    'effects',
    {
      ...PATIENT,
      timeLimitMs: (settings, { projects }) => askingTakesMs(settings, projects.length),
    },
  ),
  // Never retried once the attempt is claimed: the handler sees the claim and leaves it alone.
  'run-apply': job(z.object({ project: z.string(), attemptId: z.string() }), runApply, 'apply', {
    ...LOCAL,
    timeLimitMs: (settings) => MINUTE + askingTakesMs(settings, 1),
  }),
  'verify-apply': job(z.object({ project: z.string(), attemptId: z.string() }), verifyApply, 'plan', {
    tries: 'forever',
    backoff: { firstMs: 1_000, mostMs: 60_000 },
    timeLimitMs: 60 * MINUTE,
  }),
  'interrupt-apply': job(z.object({ attemptId: z.string() }), interruptApply, 'effects', LOCAL),
  'prepare-release': job(nothing, prepareRelease, 'effects', PATIENT),
  'tag-release': job(
    z.object({ tag: z.string(), sha: z.string(), message: z.string() }),
    tagRelease,
    'effects',
    PATIENT,
  ),
  'look-at-tag': job(z.object({ repository: z.number(), tag: z.string() }), lookAtTag, 'effects', PATIENT),
  'tell-release-tag': job(z.object({ tag: z.string() }), tellReleaseTag, 'effects', PATIENT),
  'merge-change': job(nothing, mergeChange, 'effects', PATIENT),
  'compare-after-merge': job(nothing, compareAfterMerge, 'effects', PATIENT),
  'tell-waiting': job(z.object({ projects: z.array(z.string()) }), tellWaiting, 'effects', LOCAL),
  'tell-break-glass': job(nothing, tellBreakGlass, 'effects', PATIENT),
  'open-rollback': job(
    z.object({ noteId: z.number(), by: asker, key: z.string() }),
    openRollback,
    'effects',
    PATIENT,
  ),
  'review-debt': job(z.object({ key: z.string() }), reviewDebt, 'effects', PATIENT),
  'publish-note': job(nothing, publishNote, 'effects', PATIENT),
  'publish-status': job(nothing, publishStatus, 'effects', PATIENT),
  'resolve-attempt': job(
    z.object({
      project: z.string(),
      attemptId: z.string(),
      as: z.enum(['applied', 'not-applied']),
      by: asker,
      reason: z.string(),
      noteId: z.number(),
    }),
    resolveAttempt,
    'effects',
    PATIENT,
  ),
  'answer-question': job(
    z.object({
      noteId: z.number(),
      question: z.enum(['status', 'why', 'diff', 'version']),
      projects: z.array(z.string()),
    }),
    answerQuestion,
    'effects',
    { ...PATIENT, timeLimitMs: (settings) => askingTakesMs(settings, MOST_ASKED) },
  ),
  'answer-command': job(
    z.object({ noteId: z.number(), command, outcome }),
    answerCommand,
    'effects',
    PATIENT,
  ),
};

/** The queue of a row; undefined for a job of a newer version. */
export function queueOf(effect: string): QueueName | undefined {
  return isJobName(effect) ? JOBS[effect].queue : undefined;
}

export function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}

function job<P>(
  payload: z.ZodType,
  run: (context: WorkerContext, job: Job<P>) => Promise<Conclusion>,
  queue: QueueName,
  { backoff, timeLimitMs, tries }: Policy<P>,
): JobSpec {
  // The schema says that the payload is a P: it was written by our own core, and is checked when it comes back.
  return {
    queue,
    tries,
    backoff,
    run: (context, each) => run(context, { ...each, payload: payload.parse(each.payload) as P }),
    timeLimitMs(settings, given) {
      if (typeof timeLimitMs === 'number') return timeLimitMs;
      // What cannot be read is refused at once by `run`.
      const read = payload.safeParse(given);
      return read.success ? timeLimitMs(settings, read.data as P) : MINUTE;
    },
  };
}

interface Policy<P> extends Pick<JobSpec, 'tries' | 'backoff'> {
  timeLimitMs: number | ((settings: WorkerSettings, payload: P) => number);
}
