import { no, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject, ProjectEvidence } from './evidence.ts';

const GATE = 'project-free';

/** Does no other change hold the project, and is it not quarantined? A quarantine refuses everyone, its own change too. */
export function projectFree(
  { change, project }: GateSubject,
  _change: ChangeEvidence,
  { hold }: ProjectEvidence,
): GateResult {
  if (!hold.seen) return unseen(GATE, 'it could not be told who holds the project', hold.why);
  if (hold.value === undefined) return yes(GATE, `nothing holds ${project.key}`, {});
  const { changeId, iid, quarantined } = hold.value;
  const evidence = { heldBy: changeId, quarantined };
  if (quarantined !== undefined)
    return no(
      GATE,
      `${project.key} is quarantined: ${quarantined}`,
      `an operator finds out what is there and comments \`countersign unlock ${project.key} REASON\``,
      evidence,
    );
  if (changeId !== change.id)
    return no(
      GATE,
      `${project.key} is held by merge request !${iid}`,
      `it is free once that merge request is merged or closed, or an operator comments \`countersign unlock ${project.key} REASON\` there`,
      evidence,
    );
  return yes(GATE, `${project.key} is held by this change`, evidence);
}
