import type { Revision } from '../change.ts';
import { no, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject, ProjectEvidence } from './evidence.ts';

const GATE = 'not-diverged';
const NAMED = 5;

/**
 * Has the target branch left the project's inputs and the governing configuration alone since the merge base, and where
 * the server wants that, not moved at all since it was planned?
 */
export function notDiverged(
  { change: { revision } }: GateSubject,
  { mergeRequest }: ChangeEvidence,
  { divergence }: ProjectEvidence,
): GateResult {
  if (revision?.boundToTarget === true) {
    if (!mergeRequest.seen) return unseen(GATE, 'the target branch could not be read', mergeRequest.why);
    const { state, targetSha } = mergeRequest.value;
    if (state === 'open' && targetSha !== revision.targetSha)
      return no(
        GATE,
        moved(revision, targetSha),
        'it is planned again by itself, and the ticket asks again',
        {
          planned: revision.targetSha,
          present: targetSha,
        },
      );
  }
  if (!divergence.seen) return unseen(GATE, 'the target branch could not be compared', divergence.why);
  const { changedInputs } = divergence.value;
  if (changedInputs.length > 0)
    return no(
      GATE,
      `rebase needed: the target branch changed ${named(changedInputs)} since the merge base`,
      'the author rebases onto the target branch and pushes',
      { changedInputs },
    );
  return yes(GATE, 'the target branch changed none of the inputs since the merge base', { changedInputs });
}

/** Whether the branch moved where any move counts: only a new reading of the merge request makes that good. */
export function isMovedOn(results: readonly GateResult[]): boolean {
  return results.some(
    ({ gate, answer, evidence }) => gate === GATE && answer === 'no' && 'planned' in evidence,
  );
}

function moved({ targetBranch, targetSha }: Revision, present: string): string {
  return `${targetBranch} was at ${targetSha.slice(0, 12)} when this was planned, is at ${present.slice(0, 12)} now, and any move takes the approval back here`;
}

function named(paths: readonly string[]): string {
  const more = paths.length - NAMED;
  return more > 0 ? `${paths.slice(0, NAMED).join(', ')} and ${more} more` : paths.join(', ');
}
