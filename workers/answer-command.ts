import type { Command } from '#domain/command.ts';
import type { CommandOutcome } from '#domain/effect.ts';
import { commandReply } from '#messages/command-reply.ts';
import { hasFailed } from '#messages/command-result.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { noteMarker } from './publish-note.ts';

interface Payload {
  noteId: number;
  command: Command;
  outcome: CommandOutcome;
}

/**
 * Answers a command in a note of its own, edited when the same command comes to its end later. Its end also shows on the
 * comment itself, where whoever gave it looks: one reaction more, beside the `eyes` it had at once.
 */
export async function answerCommand(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const { conversation } = context;
  const change = await changeOf(context, job);
  const { command, noteId, outcome } = job.payload;
  const { mergeRequest } = change;
  const body = commandReply({ command, outcome, pageUrl: changeUrl(context, change), ticket: change.ticket });
  await conversation.putNote(mergeRequest, noteMarker(change.id, `reply-${noteId}`), body);
  const reaction = endOf(command, outcome);
  if (reaction !== undefined) await conversation.react(mergeRequest, noteId, reaction);
  return undefined;
}

/** The sign for how a command ended; none for what goes on, and for what was no command. */
function endOf(command: Command, outcome: CommandOutcome): string | undefined {
  switch (outcome.kind) {
    case 'done':
      return outcome.results.some((each) => hasFailed(command, each)) ? 'x' : 'white_check_mark';
    case 'refused':
      return command.verb === 'unknown' ? undefined : 'x';
    case 'accepted':
    case 'waiting':
    case 'help':
      return undefined;
  }
}
