import { plannedProjects } from '../approved-tuple.ts';
import { demandOfAll } from '../demand.ts';
import { missingSections, sectionTitles, workPlanOf } from '../work-plan.ts';
import { no, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';

const GATE = 'work-plan-complete';

/** Does the description, as GitLab shows it now, hold every section of the work plan that the change's tier demands? */
export function workPlanComplete(
  { change, plan }: GateSubject,
  { mergeRequest }: ChangeEvidence,
): GateResult {
  const { tier, workPlan: demanded } = demandOfAll([
    plan.demand,
    ...plannedProjects(change).map((project) => project.plan.demand),
  ]);
  if (demanded.length === 0) return yes(GATE, `no work plan is asked for (tier ${tier})`, { tier, demanded });
  if (!mergeRequest.seen) return unseen(GATE, 'the merge request could not be read', mergeRequest.why);
  const workPlan = workPlanOf(mergeRequest.value.description);
  const missing = missingSections(workPlan, demanded);
  const evidence = { tier, demanded, missing, workPlan: workPlan.hash ?? null };
  if (missing.length > 0)
    return no(
      GATE,
      `the merge request's description lacks what tier ${tier} asks for: ${sectionTitles(missing)}`,
      `the author writes ${missing.length === 1 ? 'it' : 'them'} below ${missing.length === 1 ? 'a heading of that name' : 'headings of these names'} into the description, and the ticket then asks for an approval of it`,
      evidence,
    );
  return yes(GATE, `the work plan holds ${sectionTitles(demanded)}`, evidence);
}
