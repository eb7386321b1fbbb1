import type { Change } from '#domain/change.ts';
import { askedAgain } from '#domain/lifecycle/applying.ts';
import type { Gating } from '#domain/project.ts';
import { isMovedOn } from '#domain/gates/not-diverged.ts';
import { isGovernedAnew } from '#domain/gates/plan-unchanged.ts';
import { askGates, toGateResult, toVerdict } from './ask-gates.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

interface Payload {
  projects: { key: string; evaluationId: string }[];
}

/**
 * Looks at everything the gates ask about, live and all at once, and lets every gate answer for every project that is
 * being asked about. What was seen is kept with the answers.
 */
export async function collectEvidence(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const asked = gatingProjects(change, job.payload);
  if (asked.length === 0) return undefined;
  // Many states take their time, and a push meanwhile makes the rest of the question nobody's.
  const evaluated = await askGates(context, change, asked, async ({ key, evaluationId }) => {
    if (job.signal.aborted) return false;
    return gatingProjects(await changeOf(context, job), { projects: [{ key, evaluationId }] }).length > 0;
  });
  if (evaluated.length === 0) return undefined;
  // What is there now is read into a new revision; whoever moved the target branch, or pushed, may not have been heard of.
  const isOutdated = evaluated.some(({ results }) => isGovernedAnew(results) || isMovedOn(results));
  if (isOutdated || change.revision?.pushers === undefined)
    await context.desk.request(change.id, { type: 'read-merge-request' });
  return {
    fact: { type: 'gates-evaluated', verdicts: evaluated.map(toVerdict) },
    attachment: {
      gateResults: evaluated.map(toGateResult),
    },
  };
}

/** Those among the asked that still wait for this very evaluation; of an attempt that is ready to start, as the gates see it. */
function gatingProjects(change: Change, { projects }: Payload): Gating[] {
  const isAsked = (key: string, evaluationId: string) =>
    projects.some((each) => each.key === key && each.evaluationId === evaluationId);
  return change.projects.flatMap((project) => {
    if (project.status === 'gating') return isAsked(project.key, project.evaluationId) ? [project] : [];
    if (project.status !== 'applying' || project.renewing === undefined) return [];
    const { evaluationId } = project.renewing;
    return isAsked(project.key, evaluationId) ? [askedAgain(project, evaluationId)] : [];
  });
}
