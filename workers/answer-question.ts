import type { Change } from '#domain/change.ts';
import type { Question } from '#domain/command.ts';
import type { GateResult } from '#domain/gates/evidence.ts';
import { mayBeAsked } from '#domain/gates/may-be-asked.ts';
import { planToTell } from '#domain/approved-tuple.ts';
import { type Answer, questionReply } from '#messages/question-reply.ts';
import { VERSION } from '#telemetry/version.ts';
import { askGates } from './ask-gates.ts';
import { changeModel } from './change-model.ts';
import { comparePresentPlans } from './compare-plans.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { noteMarker } from './publish-note.ts';

interface Payload {
  noteId: number;
  question: Question;
  projects: readonly string[];
}

/** Each costs a look at the state and at the repository; nobody reads the gates of more in one answer. */
export const MOST_ASKED = 20;

/** Answers what was asked about the change as it stands now, in a note of its own. Nothing is recorded about it. */
export async function answerQuestion(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { noteId, question, projects } = job.payload;
  const [model, answer] = await Promise.all([
    changeModel(context, change),
    answerTo(context, change, question, projects),
  ]);
  const body = questionReply(answer, projects, model);
  await context.conversation.putNote(change.mergeRequest, noteMarker(change.id, `reply-${noteId}`), body);
  return undefined;
}

async function answerTo(
  context: WorkerContext,
  change: Change,
  question: Question,
  keys: readonly string[],
): Promise<Answer> {
  switch (question) {
    case 'status':
      return { question };
    case 'why':
      return { question, gates: await askedNow(context, change, keys) };
    case 'diff':
      return { question, comparisons: await comparePresentPlans(context, change, keys) };
    case 'version':
      return {
        question,
        countersign: VERSION,
        binaries: await binariesOf(context, change, keys),
      };
  }
}

/** The gates' answers at this moment; what they are acted upon are those of an evaluation that is recorded. */
async function askedNow(
  context: WorkerContext,
  change: Change,
  keys: readonly string[],
): Promise<Map<string, readonly GateResult[]>> {
  const asked = change.projects
    .filter(({ key }) => keys.includes(key))
    .filter((project) => mayBeAsked(change, project))
    .slice(0, MOST_ASKED);
  if (asked.length === 0) return new Map();
  const evaluated = await askGates(context, change, asked);
  return new Map(evaluated.map(({ project, results }) => [project.key, results]));
}

/** What each plan was made with; for a project without one, what it would be made with. */
async function binariesOf(
  { terraform }: WorkerContext,
  change: Change,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const byDefault = await terraform.version();
  return new Map(
    change.projects
      .filter(({ key }) => keys.includes(key))
      .map((project) => [project.key, withName(planToTell(project)?.terraformVersion ?? byDefault)]),
  );
}

/** "tofu 1.9.0" says what it is; a bare number is terraform's. */
function withName(version: string): string {
  return /^\d/.test(version) ? `terraform ${version}` : version;
}
