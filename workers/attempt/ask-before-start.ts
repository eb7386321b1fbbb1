import { setTimeout as wait } from 'node:timers/promises';
import type { StateBinding } from '#app/ports/terraform.ts';
import type { Applying } from '#domain/project.ts';
import { isEvidenceOld } from '../evidence-age.ts';
import type { AttemptContext, AttemptSubject } from './context.ts';

const LOOK_EVERY_MS = 500;
/** JIRA and GitLab may be slow; the attempt is given up cleanly when nobody answers for longer. */
const PATIENCE_MS = 5 * 60_000;

/**
 * When getting ready took so long that what the gates saw has grown old, a worker asks them once more (it has the tokens
 * for that, a supervisor has not), and the attempt waits. Returns why it must not start; nothing when it may.
 *
 * @param state as it was just read; while the attempt has its folder nobody else can.
 */
export async function askBeforeStart(
  context: AttemptContext,
  { attemptId, changeId, project }: AttemptSubject,
  state: StateBinding | undefined,
): Promise<string | undefined> {
  const first = await applying(context, changeId, attemptId);
  if (first === undefined || state === undefined || !(await isEvidenceOld(context, first))) return undefined;
  const { evaluationId } = first;
  await context.ledger.record({
    changeId,
    fact: { type: 'evaluation-stale', project: project.key, evaluationId, state },
    actor: { kind: 'service', component: 'supervisor' },
  });
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const present = await applying(context, changeId, attemptId);
    // Given up or taken meanwhile: whoever asks for its standing next is told.
    if (present === undefined) return undefined;
    if (present.refused !== undefined)
      return `its gates did not say yes any more when it was ready to start: ${present.refused}`;
    if (present.evaluationId !== evaluationId) return undefined;
    await wait(LOOK_EVERY_MS);
  }
  return 'nobody answered for its gates when it was ready to start';
}

async function applying(
  { ledger }: AttemptContext,
  changeId: string,
  attemptId: string,
): Promise<Applying | undefined> {
  const change = await ledger.change(changeId);
  return change?.projects.find(
    (each): each is Applying => each.status === 'applying' && each.attemptId === attemptId,
  );
}
