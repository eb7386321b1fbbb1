import { no, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject, ProjectEvidence } from './evidence.ts';

const GATE = 'not-diverged';
const NAMED = 5;

/** Has the target branch left the project's inputs and the governing configuration alone since the merge base? */
export function notDiverged(
  _subject: GateSubject,
  _change: ChangeEvidence,
  { divergence }: ProjectEvidence,
): GateResult {
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

function named(paths: readonly string[]): string {
  const more = paths.length - NAMED;
  return more > 0 ? `${paths.slice(0, NAMED).join(', ')} and ${more} more` : paths.join(', ');
}
