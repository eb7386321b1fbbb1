import { no, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';

const GATE = 'target-protected';

/**
 * Does nothing get into the target branch but by merge requests? What governs is read from there; and what is there
 * already was reviewed by nobody here, nor do those who wrote it count among the authors.
 */
export function targetProtected(_subject: GateSubject, { target }: ChangeEvidence): GateResult {
  if (!target.seen) return unseen(GATE, 'the target branch could not be read', target.why);
  const { branch, isProtected, developersMayPush } = target.value;
  const evidence = { branch, isProtected, developersMayPush };
  const remedy = `a maintainer protects ${branch}, or the author chooses a protected target branch`;
  if (!isProtected)
    return no(
      GATE,
      `${branch} is not protected, so what governs there was reviewed by nobody`,
      remedy,
      evidence,
    );
  if (developersMayPush)
    return no(GATE, `developers may push to ${branch} past every merge request`, remedy, evidence);
  return yes(GATE, `the target branch ${branch} is protected`, evidence);
}
