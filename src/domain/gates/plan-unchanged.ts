import { currentTupleHash, isBlindForecast } from '../approved-tuple.ts';
import type { Approval } from '../approval.ts';
import type { Demand } from '../demand.ts';
import { workPlanOf } from '../work-plan.ts';
import { ASKED_AGAIN, no, PLAN_AGAIN, unknown, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject, Observed, ProjectEvidence } from './evidence.ts';

const GATE = 'plan-unchanged';
const POLICY = 'policy';
const CONFIGURATION = 'configuration';
const TIER = 'tier';
const WORK_PLAN = 'work plan';

/** One element of what was approved beside what is there now; `unseen` says why the present value is not known. */
interface Comparison {
  element: string;
  approved: string;
  present: string | undefined;
  unseen?: string;
}

/**
 * Is every element of the approval, and of the run it stands on, still what it was? What can be read live is compared
 * one by one, and a refusal names both values; what only the plan run could see (digest, module tree, lock file) is
 * bound by the approved tuple's hash, which is computed again.
 */
export function planUnchanged(
  subject: GateSubject,
  change: ChangeEvidence,
  project: ProjectEvidence,
): GateResult {
  const { plan } = subject;
  const comparisons = compare(subject, change, project);
  const evidence = { comparisons };
  const different = comparisons.filter(
    ({ unseen, approved, present }) => unseen === undefined && approved !== present,
  );
  if (different.length > 0) {
    const reason = different
      .map(
        ({ element, approved, present }) =>
          `${element}: approved ${short(approved)}, now ${short(present ?? 'absent')}`,
      )
      .join('; ');
    const graver = graverTier(different, plan.demand, project.demand);
    return {
      ...no(GATE, reason, remedyFor(different), evidence),
      ...(graver === undefined ? {} : { planAgain: graver }),
    };
  }
  const missing = comparisons.filter(({ unseen }) => unseen !== undefined);
  if (missing.length > 0) {
    const reason = missing.map(({ element, unseen }) => `${element}: ${unseen ?? ''}`).join('; ');
    return unknown(GATE, `could not be compared: ${reason}`, ASKED_AGAIN, evidence);
  }
  return yes(
    GATE,
    `${comparisons.length} elements are what ${subject.approval === undefined ? 'is in review' : 'was approved'}`,
    evidence,
  );
}

/** Whether something is another thing now that only a new reading of merge request and target branch can help with. */
export function isGovernedAnew(results: readonly GateResult[]): boolean {
  const found = results.find(({ gate }) => gate === GATE)?.evidence['comparisons'];
  return ((found ?? []) as readonly Comparison[]).some(
    ({ element, approved, present }) =>
      READ_ANEW.has(element) && present !== undefined && present !== approved,
  );
}

/** Only a new reading of the merge request and its target can make these agree again; it is done by itself. */
const READ_ANEW: ReadonlySet<string> = new Set([POLICY, CONFIGURATION, WORK_PLAN]);

/** Who can do what about it, once for all that is different. */
function remedyFor(different: readonly Comparison[]): string {
  const remedies = different.map(({ element }) => REMEDIES[element] ?? PLAN_AGAIN);
  return [...new Set(remedies)].join('; ');
}

const REMEDIES: Readonly<Record<string, string>> = {
  [POLICY]: 'it is planned again by itself under the rules of now, and the ticket asks again',
  [CONFIGURATION]: 'it is planned again by itself as it is configured now, and the ticket asks again',
  [WORK_PLAN]: 'the description is read again by itself, and the ticket asks again about what it says now',
  [TIER]:
    'it is graver by now than when it was planned: it is planned again by itself, and the ticket asks for what that demands',
  'terraform version': `an administrator brings that version back, or ${PLAN_AGAIN}`,
  'plan bundle': `tell an administrator, since nobody may touch a stored plan, and ${PLAN_AGAIN}`,
  state: `somebody has changed the state since: ${PLAN_AGAIN}`,
};

/** A hash as people compare them; the evidence has it whole. */
function short(value: string): string {
  return /^[0-9a-f]{40,64}$/.test(value) ? value.slice(0, 12) : value;
}

function compare(subject: GateSubject, change: ChangeEvidence, project: ProjectEvidence): Comparison[] {
  const { approval, plan } = subject;
  return [
    ...(approval === undefined ? [] : [compareTuple(subject, approval)]),
    observed(
      WORK_PLAN,
      workPlanText(subject.change.description),
      map(change.mergeRequest, ({ description }) => workPlanText(description)),
    ),
    observed(POLICY, plan.policyHash, change.policyHash),
    observed(CONFIGURATION, plan.configurationHash, project.configurationHash),
    observed(
      TIER,
      plan.demand.tier,
      map(project.demand, (now) => tierText(plan.demand, now)),
    ),
    observed('inputs', plan.inputsId, project.inputsId),
    observed('terraform version', plan.terraformVersion, project.terraformVersion),
    observed(
      'plan bundle',
      plan.bundleHash,
      map(project.bundle, ({ hash }) => hash),
    ),
    observed('state', stateText(plan.state), map(project.state, stateText)),
  ];
}

/** What would be lighter by now was approved all the same: only a graver tier asks for more. */
function tierText(approved: Demand, now: Demand): string {
  return now.rank > approved.rank ? now.tier : approved.tier;
}

/** Nobody can approve enough for a plan of a lighter tier than it is of; what a new revision is made for anyway, that plans. */
function graverTier(
  different: readonly Comparison[],
  planned: Demand,
  now: Observed<Demand>,
): string | undefined {
  const elements = different.map(({ element }) => element);
  if (!now.seen || !elements.includes(TIER) || elements.some((each) => READ_ANEW.has(each))) return undefined;
  const { reasons, tier } = now.value;
  return `it was planned as tier ${planned.tier} and is of tier ${tier} by now: ${reasons.join('; ')}`;
}

/** The tuple as it is with the plan that would be applied. */
function compareTuple({ change, project, plan }: GateSubject, approval: Approval): Comparison {
  const element = 'approved tuple';
  const unplanned = change.projects.find(
    (each) => !('plan' in each) && each.status !== 'no-changes' && !isBlindForecast(change, each),
  );
  if (unplanned !== undefined) {
    const unseen = `${unplanned.key}, which was approved with it, has no plan at the moment`;
    return { element, approved: approval.tupleHash, present: undefined, unseen };
  }
  const projects = change.projects.map((each) => (each.key === project.key ? { ...each, plan } : each));
  return text(element, approval.tupleHash, currentTupleHash({ ...change, projects }) ?? 'nothing');
}

function text(element: string, approved: string, present: string): Comparison {
  return { element, approved, present };
}

function observed(element: string, approved: string, present: Observed<string>): Comparison {
  return present.seen
    ? { element, approved, present: present.value }
    : { element, approved, present: undefined, unseen: present.why };
}

function map<T>(what: Observed<T>, as: (value: T) => string): Observed<string> {
  return what.seen ? { seen: true, value: as(what.value) } : what;
}

function workPlanText(description: string): string {
  return workPlanOf(description).hash ?? 'none';
}

function stateText(state: { lineage: string; serial: string } | 'none'): string {
  return state === 'none' ? 'none' : `lineage ${state.lineage} serial ${state.serial}`;
}
