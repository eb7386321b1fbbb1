import type { Command } from '#domain/command.ts';
import type { CommandOutcome } from '#domain/effect.ts';
import { commandReply } from '#messages/command-reply.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { noteMarker } from './publish-note.ts';

interface Payload {
  noteId: number;
  command: Command;
  outcome: CommandOutcome;
}

/** Answers a command in a note of its own, edited when the same command comes to its end later. */
export async function answerCommand(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { command, noteId, outcome } = job.payload;
  const body = commandReply({ command, outcome, pageUrl: changeUrl(context, change) });
  await context.conversation.putNote(change.mergeRequest, noteMarker(change.id, `reply-${noteId}`), body);
  return undefined;
}
