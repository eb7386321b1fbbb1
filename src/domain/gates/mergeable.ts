import { ASKED_AGAIN, no, unknown, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';

const GATE = 'mergeable';

/** Would GitLab merge it, our own status aside? What is applied must not be left unmerged. */
export function mergeable(_subject: GateSubject, { mergeRequest }: ChangeEvidence): GateResult {
  if (!mergeRequest.seen) return unseen(GATE, 'the merge request could not be read', mergeRequest.why);
  if (mergeRequest.value.state === 'merged') return yes(GATE, 'it is merged', { state: 'merged' });
  const { answer, reason } = mergeRequest.value.mergeable;
  const evidence = { answer, reason };
  switch (answer) {
    case 'yes':
      return yes(GATE, 'GitLab would merge it', evidence);
    case 'no':
      return no(GATE, `GitLab would not merge it: ${reason}`, 'clear it in the merge request', evidence);
    case 'unknown':
      return unknown(
        GATE,
        `GitLab has not said yet whether it would merge it: ${reason}`,
        ASKED_AGAIN,
        evidence,
      );
  }
}
