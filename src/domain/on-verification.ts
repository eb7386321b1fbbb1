import type { Change, Verification } from './change.ts';
import { type Decision, undisturbed, withChange, withEffects } from './decision.ts';
import type { Fact, FactOf } from './fact.ts';

/** Whatever was applied by this fact is planned once more: nothing may be left to do. */
export function verifyApplied(before: Change, decision: Decision, fact: Fact): Decision {
  const { change } = decision;
  const known = change.verifications ?? [];
  const fresh = change.projects.flatMap((project): Verification[] => {
    if (project.status !== 'applied' || known.some(({ attemptId }) => attemptId === project.attemptId))
      return [];
    const serialAfter = serialOf(fact, project.attemptId);
    return [
      {
        project: project.key,
        attemptId: project.attemptId,
        ...(serialAfter === undefined ? {} : { serialAfter }),
        result: { kind: 'running' },
      },
    ];
  });
  // What was verified of an earlier revision is told on its ticket.
  const kept = before.revision?.number === change.revision?.number ? known : [];
  if (fresh.length === 0 && kept === known) return decision;
  return withEffects(
    withChange(decision, { verifications: [...kept, ...fresh] }),
    ...fresh.map(({ project, attemptId }) => ({ type: 'verify-apply', project, attemptId }) as const),
  );
}

/** The plan after an apply is there; one of an earlier revision is on record and changes nothing. */
export function onApplyVerified(change: Change, fact: FactOf<'apply-verified'>): Decision {
  const { verifications = [] } = change;
  const isMeant = ({ attemptId, result }: Verification) =>
    attemptId === fact.attemptId && result.kind === 'running';
  if (!verifications.some(isMeant)) return undisturbed(change);
  return withChange(undisturbed(change), {
    verifications: verifications.map((each) => (isMeant(each) ? { ...each, result: fact.result } : each)),
  });
}

/** Whether something is still to be verified before the ticket can say how it went. */
export function isBeingVerified({ verifications = [] }: Pick<Change, 'verifications'>): boolean {
  return verifications.some(({ result }) => result.kind === 'running');
}

function serialOf(fact: Fact, attemptId: string): string | undefined {
  return fact.type === 'attempt-ended' && fact.attemptId === attemptId ? fact.outcome.serialAfter : undefined;
}
