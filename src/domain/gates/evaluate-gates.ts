import type { MandateRef } from '../mandate.ts';
import type { GateReason } from '../project.ts';
import type { ChangeEvidence, Gate, GateName, GateResult, GateSubject, ProjectEvidence } from './evidence.ts';
import { approverAllowed } from './approver-allowed.ts';
import { auditRecorded } from './audit-recorded.ts';
import { breakGlassAllowed } from './break-glass-allowed.ts';
import { changeWindow } from './change-window.ts';
import { checksPassed } from './checks-passed.ts';
import { fourEyes } from './four-eyes.ts';
import { mergeable } from './mergeable.ts';
import { notDiverged } from './not-diverged.ts';
import { notFrozen } from './not-frozen.ts';
import { pipelinePassed } from './pipeline-passed.ts';
import { planFresh } from './plan-fresh.ts';
import { planUnchanged } from './plan-unchanged.ts';
import { projectFree } from './project-free.ts';
import { releaseTagFree } from './release-tag-free.ts';
import { reviewed } from './reviewed.ts';
import { revisionCurrent } from './revision-current.ts';
import { targetProtected } from './target-protected.ts';
import { ticketApproved } from './ticket-approved.ts';
import { waive } from './waive.ts';
import { workPlanComplete } from './work-plan-complete.ts';

/** Every gate there is, in the order in which people read them; a gate without an entry does not compile. */
export const GATES: Readonly<Record<GateName, Gate>> = {
  'ticket-approved': ticketApproved,
  'approver-allowed': approverAllowed,
  'four-eyes': fourEyes,
  reviewed,
  'plan-unchanged': planUnchanged,
  'revision-current': revisionCurrent,
  'work-plan-complete': workPlanComplete,
  'target-protected': targetProtected,
  'not-diverged': notDiverged,
  'plan-fresh': planFresh,
  'checks-passed': checksPassed,
  'pipeline-passed': pipelinePassed,
  mergeable,
  'project-free': projectFree,
  'release-tag-free': releaseTagFree,
  'change-window': changeWindow,
  'not-frozen': notFrozen,
  'audit-recorded': auditRecorded,
  'break-glass-allowed': breakGlassAllowed,
};

/** Asks every gate about one project. Nothing short-circuits: whoever reads the answers sees all that is missing at once. */
export function evaluateGates(
  subject: GateSubject,
  change: ChangeEvidence,
  project: ProjectEvidence,
): GateResult[] {
  return Object.values(GATES).map((gate) => waive(gate(subject, change, project), subject));
}

/** Whether the project may be applied: every gate answered, and each said yes. Unknown is no. */
export function allYes(results: readonly GateResult[]): boolean {
  const asked = new Set(results.map((result) => result.gate));
  return asked.size === Object.keys(GATES).length && results.every((result) => result.answer === 'yes');
}

/** The answers other than yes, as people are told them. */
export function toReasons(results: readonly GateResult[]): GateReason[] {
  return results.flatMap(({ gate, answer, reason, remedy, until }) =>
    answer === 'yes' ? [] : [{ gate, answer, reason, remedy, ...(until === undefined ? {} : { until }) }],
  );
}

/** When the first of the answers turns into the other one by itself (RFC 3339 UTC), if one does. */
export function turnsAt(results: readonly GateResult[]): string | undefined {
  return results
    .flatMap(({ until }) => until ?? [])
    .toSorted((a, b) => Date.parse(a) - Date.parse(b))
    .at(0);
}

/** The standing approval by which the change goes, if it goes by one. */
export function mandateOf(results: readonly GateResult[]): MandateRef | undefined {
  return results.find(({ gate }) => gate === 'ticket-approved')?.mandate;
}

/** Why the approval can never count, if some gate says so: the ticket then goes back to review. */
export function verdictRefused(results: readonly GateResult[]): string | undefined {
  const refusing = results.find((result) => result.voidsVerdict === true);
  if (refusing !== undefined) return refusing.reason;
  const wanted = moreWanted(results);
  return wanted !== undefined && wanted.counted.length === 0 ? wanted.why : undefined;
}

/** Which of the approvals count, by every gate that looked at them, and what is wanted beside them; none when they are enough. */
export function moreWanted(results: readonly GateResult[]): GateResult['asksOn'] {
  const asking = results.flatMap(({ asksOn }) => asksOn ?? []);
  const [first, ...others] = asking;
  if (first === undefined) return undefined;
  const counted = first.counted.filter((move) => others.every((each) => each.counted.includes(move)));
  return { counted, why: asking.map(({ why }) => why).join('; ') };
}
