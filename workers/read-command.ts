import type { NoteView } from '#app/ports/code-host.ts';
import type { MergeRequestRef } from '#domain/change.ts';
import { byGitlabId } from '#domain/gates/people.ts';
import type { Asker } from '#domain/project.ts';
import { type Command, parseCommand } from '#domain/command.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { grantsInForce } from './mandates-seen.ts';
import { confirms, glassTerms } from './glass-terms.ts';
import { reservedFor } from './reserved-commands.ts';
import { whoIsWho } from './who-is-who.ts';

/**
 * Reads a note again from GitLab and takes its first line as a command. Who wrote it is what GitLab says now, not what
 * a webhook said; what they may do is looked up fresh, inherited membership included. An edited note commands nothing: a
 * maintainer may edit what others wrote, and GitLab goes on naming them as its author.
 */
export async function readCommand(context: WorkerContext, job: Job<{ noteId: number }>): Promise<Conclusion> {
  const { mergeRequest } = await changeOf(context, job);
  const { noteId } = job.payload;
  const taken = await context.ledger.takenCommands(mergeRequest.repository, [noteId]);
  if (taken.length > 0) return undefined;
  const [note, self] = await Promise.all([
    context.conversation.note(mergeRequest, noteId),
    context.codeHost.self(),
  ]);
  if (note === undefined || note.system || note.edited || note.authorId === self.id) return undefined;
  const { alsoAtlantis } = context.settings;
  const command = parseCommand(note.body, { alsoAtlantis, mention: self.username });
  if (command === undefined) return undefined;
  const [by, glass] = await Promise.all([
    askerOf(context, mergeRequest, note, command),
    glassTerms(context, command),
    context.conversation.react(mergeRequest, noteId, 'eyes'),
  ]);
  return {
    fact: {
      type: 'command-received',
      noteId,
      by,
      command,
      ...(glass === undefined ? {} : { glass }),
    },
    actor:
      by.person === undefined
        ? { kind: 'gitlab-user', id: String(by.gitlabId) }
        : { kind: 'person', id: by.person },
  };
}

async function askerOf(
  context: WorkerContext,
  ref: MergeRequestRef,
  note: NoteView,
  command: Command,
): Promise<Asker> {
  const { accessLevels, commandRules } = context.settings;
  const [member, who] = await Promise.all([
    context.codeHost.member(ref.repository, note.authorId),
    whoIsWho(context),
  ]);
  const accessLevel = member?.accessLevel ?? 0;
  const person = byGitlabId(who.people, note.authorId);
  const operates = person?.roles.includes('operator') === true && accessLevel >= accessLevels.apply;
  const mayBeGranted = !operates && accessLevel >= accessLevels.apply && FOR_OPERATORS.has(command.verb);
  const grants = mayBeGranted ? await grantsInForce(context, ref.repository, note.authorId, who) : [];
  const [hidden] = who.unseenSources;
  const asker = { id: note.authorId, accessLevel };
  const barred = await reservedFor(context.codeHost, commandRules, command, asker);
  return {
    gitlabId: note.authorId,
    username: note.authorUsername,
    accessLevel,
    ...(accessLevel >= accessLevels.plan ? {} : { takesLevel: accessLevels.plan }),
    ...(person === undefined ? {} : { person: person.id, name: person.name, groups: person.groups }),
    roles: [
      ...(accessLevel >= accessLevels.plan ? ['planner'] : []),
      ...(operates ? ['operator'] : []),
      ...(confirms(context, person) ? ['confirmer'] : []),
    ],
    ...(operates || hidden === undefined ? {} : { unseen: `${hidden.source}: ${hidden.why}` }),
    ...(grants.length === 0 ? {} : { grants }),
    ...(barred.length === 0 ? {} : { barred }),
  };
}

/** What members may ask for needs nobody's grant. */
const FOR_OPERATORS: ReadonlySet<Command['verb']> = new Set(['apply', 'resolve', 'unlock']);
