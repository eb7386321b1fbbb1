import { no, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';

const GATE = 'revision-current';

/** Is the merge request still what was planned: open (or merged, where that is what it waited for), no draft, same head, same target branch? */
export function revisionCurrent(
  { change, project, plan }: GateSubject,
  { mergeRequest }: ChangeEvidence,
): GateResult {
  if (!mergeRequest.seen) return unseen(GATE, 'the merge request could not be read', mergeRequest.why);
  const { state, draft, headSha, targetBranch } = mergeRequest.value;
  const planned = { headSha: plan.headSha, targetBranch: change.revision?.targetBranch };
  const problems = [
    ...(state === 'open' || (state === 'merged' && project.applyOn === 'merge')
      ? []
      : [`the merge request is ${state}`]),
    ...(draft ? ['the merge request is a draft'] : []),
    ...(headSha === planned.headSha
      ? []
      : [`its head is ${headSha.slice(0, 12)}, the plan was made of ${planned.headSha.slice(0, 12)}`]),
    ...(headSha === change.revision?.headSha ? [] : ['a newer head has been read']),
    ...(targetBranch === planned.targetBranch
      ? []
      : [`it now goes into ${targetBranch}, it was planned for ${planned.targetBranch ?? 'nothing'}`]),
  ];
  const evidence = { planned, present: { state, draft, headSha, targetBranch } };
  if (problems.length > 0)
    return no(
      GATE,
      problems.join('; '),
      'the new head is planned by itself once the merge request is open',
      evidence,
    );
  return yes(GATE, `the merge request is ${state} at ${headSha.slice(0, 12)} into ${targetBranch}`, evidence);
}
