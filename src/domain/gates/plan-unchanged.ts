import { type CheckRef, tupleHash } from '../plan-ref.ts';
import { no, PLAN_AGAIN, unknown, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject, Observed, ProjectEvidence } from './evidence.ts';

const GATE = 'plan-unchanged';

/** One element of what was approved beside what is there now; `unseen` says why the present value is not known. */
interface Comparison {
  element: string;
  approved: string;
  present: string | undefined;
  unseen?: string;
}

/** Is every element of the approval, and of the run it stands on, still what it was? A refusal names both values. */
export function planUnchanged(
  subject: GateSubject,
  change: ChangeEvidence,
  project: ProjectEvidence,
): GateResult {
  const comparisons = compare(subject, change, project);
  const evidence = { comparisons };
  const different = comparisons.filter(
    ({ unseen, approved, present }) => unseen === undefined && approved !== present,
  );
  if (different.length > 0) {
    const reason = different
      .map(({ element, approved, present }) => `${element}: approved ${approved}, now ${present ?? 'absent'}`)
      .join('; ');
    return no(GATE, reason, PLAN_AGAIN, evidence);
  }
  const missing = comparisons.filter(({ unseen }) => unseen !== undefined);
  if (missing.length > 0) {
    const reason = missing.map(({ element, unseen }) => `${element}: ${unseen ?? ''}`).join('; ');
    return unknown(GATE, `could not be compared: ${reason}`, 'it is asked again by itself', evidence);
  }
  return yes(GATE, `${comparisons.length} elements are what was approved`, evidence);
}

function compare(subject: GateSubject, change: ChangeEvidence, project: ProjectEvidence): Comparison[] {
  const { plan } = subject;
  const approved = subject.tuple.find((element) => element.project === subject.project.key);
  const text = (element: string, was: string | undefined, present: string): Comparison => ({
    element,
    approved: was ?? 'nothing',
    present,
  });
  return [
    text(
      'tuple',
      subject.verdict?.tupleHash ?? subject.tupleHash,
      tupleHash(subject.change.mergeRequest, subject.tuple),
    ),
    text('head', approved?.headSha, plan.headSha),
    text('plan digest', approved?.digest, plan.digest),
    text('module tree', approved?.moduleTreeHash, plan.moduleTreeHash),
    text('lock file', approved?.lockFileHash, plan.lockFileHash),
    text('checks', approved && checksText(approved.checks), checksText(plan.checks)),
    text('policy', approved?.policyHash, change.policyHash),
    text('configuration', approved?.configurationHash, project.configurationHash),
    observed('inputs', approved?.inputsId ?? 'nothing', project.inputsId),
    observed('terraform version', approved?.terraformVersion ?? 'nothing', project.terraformVersion),
    observed(
      'plan bundle',
      plan.bundleHash,
      map(project.bundle, ({ hash }) => hash),
    ),
    observed('state', stateText(plan.state), map(project.state, stateText)),
  ];
}

function observed(element: string, approved: string, present: Observed<string>): Comparison {
  return present.seen
    ? { element, approved, present: present.value }
    : { element, approved, present: undefined, unseen: present.why };
}

function map<T>(what: Observed<T>, as: (value: T) => string): Observed<string> {
  return what.seen ? { seen: true, value: as(what.value) } : what;
}

function stateText(state: { lineage: string; serial: string } | 'none'): string {
  return state === 'none' ? 'none' : `lineage ${state.lineage} serial ${state.serial}`;
}

function checksText(checks: readonly CheckRef[]): string {
  return checks.map(({ name, result, digest }) => `${name}=${result} (${digest})`).join(', ') || 'none';
}
