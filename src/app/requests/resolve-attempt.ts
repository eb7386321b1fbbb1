import type { Asker } from '#domain/project.ts';
import type { Actor } from '#domain/audit/actor.ts';
import type { Refusal } from '#domain/refusal.ts';
import type { Ledger } from '../ledger.ts';
import type { AttemptPatience } from '../patience.ts';

export interface Resolution {
  changeId: string;
  project: string;
  attemptId: string;
  as: 'applied' | 'not-applied';
  by: Asker | { cli: string };
  reason: string;
  noteId?: number;
}

/**
 * An operator says what became of an attempt that nobody knows the end of, with the reason. Refused while a heartbeat
 * lives: then the attempt will tell by itself.
 */
export async function resolveAttempt(
  ledger: Pick<Ledger, 'attempt' | 'record'>,
  { aliveMs }: AttemptPatience,
  resolution: Resolution,
  completing?: { id: number; epoch: number },
): Promise<Refusal[]> {
  const { attemptId, project } = resolution;
  const attempt = await ledger.attempt(attemptId);
  // The same comment may be carried out twice, when the first time broke off before it was answered.
  if (
    attempt !== undefined &&
    resolution.noteId !== undefined &&
    attempt.resolvedByNote === resolution.noteId
  )
    return [];
  if (attempt?.status !== 'lost') {
    const reason = `no apply of ${project} is interrupted`;
    return [{ code: 'not-interrupted', reason, remedy: 'nothing is to be resolved', project }];
  }
  if (attempt.silentMs < aliveMs) {
    return [
      {
        code: 'attempt-running',
        reason: `the apply of ${project} gave a sign of life ${Math.round(attempt.silentMs / 1000)} s ago`,
        remedy: 'wait: it will record its own end, or be silent for good',
        project,
      },
    ];
  }
  const { changeId, ...fact } = resolution;
  await ledger.record({
    changeId,
    fact: { type: 'attempt-resolved', ...fact },
    actor: actorOf(resolution.by),
    ...(completing === undefined ? {} : { completing }),
  });
  return [];
}

/** Who asked, as the audit log names them. */
export function actorOf(by: Asker | { cli: string }): Actor {
  if ('cli' in by) return { kind: 'operator-cli', id: by.cli };
  return by.person === undefined
    ? { kind: 'gitlab-user', id: String(by.gitlabId) }
    : { kind: 'person', id: by.person };
}
