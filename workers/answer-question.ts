import type { Question } from '#domain/command.ts';
import { questionReply } from '#messages/question-reply.ts';
import { changeModel } from './change-model.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { noteMarker } from './publish-note.ts';

interface Payload {
  noteId: number;
  question: Question;
  projects: readonly string[];
}

/** Answers what was asked about the change as it stands now, in a note of its own. */
export async function answerQuestion(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { noteId, question, projects } = job.payload;
  const model = await changeModel(context, change);
  const body = questionReply(question, projects, model);
  await context.conversation.putNote(change.mergeRequest, noteMarker(change.id, `reply-${noteId}`), body);
  return undefined;
}
