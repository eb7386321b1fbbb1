import { actorOf, resolveAttempt as request } from '#app/requests/resolve-attempt.ts';
import type { Asker } from '#domain/project.ts';
import { commandReply } from '#messages/command-reply.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { noteMarker } from './publish-note.ts';

interface Payload {
  project: string;
  attemptId: string;
  as: 'applied' | 'not-applied';
  by: Asker;
  reason: string;
  noteId: number;
}

/** Carries out `countersign resolve` from a comment, and answers it. */
export async function resolveAttempt(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { as, noteId, project, reason } = job.payload;
  const refusals = await request(context.ledger, context.patience, { changeId: change.id, ...job.payload });
  const body = commandReply({
    command: { verb: 'resolve', project, as, reason },
    outcome:
      refusals.length > 0
        ? { kind: 'refused', refusals }
        : { kind: 'accepted', doing: `${project} is taken as ${as}` },
    pageUrl: changeUrl(context, change),
    ticket: change.ticket,
  });
  await context.conversation.putNote(change.mergeRequest, noteMarker(change.id, `reply-${noteId}`), body);
  if (refusals.length === 0) return undefined;
  return {
    fact: { type: 'request-refused', request: 'resolve', project, refusals },
    actor: actorOf(job.payload.by),
  };
}
