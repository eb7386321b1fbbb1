import { currentTupleHash } from '#domain/approved-tuple.ts';
import { canonicalHash } from '#domain/canonical-hash.ts';
import type { Change } from '#domain/change.ts';
import type { Gating } from '#domain/project.ts';
import { verdictInForce } from '#domain/decision.ts';
import type { GateVerdict } from '#domain/fact.ts';
import { allYes, evaluateGates, toReasons, verdictRefused } from '#domain/gates/evaluate-gates.ts';
import type { ChangeEvidence, GateResult, GateSubject, ProjectEvidence } from '#domain/gates/evidence.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { changeEvidence } from './evidence-of-change.ts';
import { projectEvidence } from './evidence-of-project.ts';

interface Payload {
  projects: { key: string; evaluationId: string }[];
}

interface Evaluated {
  project: Gating;
  results: GateResult[];
}

/**
 * Looks at everything the gates ask about, live and all at once, and lets every gate answer for every project that is
 * being asked about. What was seen is kept with the answers.
 */
export async function collectEvidence(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const asked = gatingProjects(change, job.payload);
  if (asked.length === 0) return undefined;
  const [common, particular] = await Promise.all([
    changeEvidence(context, change),
    Promise.all(asked.map((project) => projectEvidence(context, change, project))),
  ]);
  const evaluated = asked.map((project, i) => evaluate(change, project, common, particular[i]));
  return {
    fact: { type: 'gates-evaluated', verdicts: evaluated.map(toVerdict) },
    attachment: {
      gateResults: evaluated.map(({ project, results }) => ({
        project: project.key,
        evaluationId: project.evaluationId,
        purpose: project.purpose.kind,
        go: allYes(results),
        results,
      })),
    },
  };
}

/** Those among the asked that still wait for this very evaluation. */
function gatingProjects(change: Change, { projects }: Payload): Gating[] {
  return change.projects.filter(
    (project): project is Gating =>
      project.status === 'gating' &&
      projects.some(({ key, evaluationId }) => key === project.key && evaluationId === project.evaluationId),
  );
}

function evaluate(
  change: Change,
  project: Gating,
  common: ChangeEvidence,
  particular: ProjectEvidence | undefined,
): Evaluated {
  if (particular === undefined) throw new Error(`no evidence was collected for ${project.key}`);
  const subject: GateSubject = {
    change,
    project,
    plan: project.plan,
    verdict: verdictInForce(change),
    tupleHash: tupleInReview(change),
    command: project.purpose.kind === 'apply' ? project.purpose.command : undefined,
  };
  return { project, results: evaluateGates(subject, common, particular) };
}

/** What is in front of the approver; while a sibling is planned again that is not what the projects say now. */
function tupleInReview(change: Change): string {
  const review = change.ticket.status === 'open' ? change.ticket.review : undefined;
  return review !== undefined && 'tupleHash' in review ? review.tupleHash : (currentTupleHash(change) ?? '');
}

function toVerdict({ project, results }: Evaluated): GateVerdict {
  const refused = verdictRefused(results);
  return {
    project: project.key,
    evaluationId: project.evaluationId,
    go: allYes(results),
    reasons: toReasons(results),
    evidenceDigest: canonicalHash(results),
    ...(refused === undefined ? {} : { verdictRefused: refused }),
  };
}
