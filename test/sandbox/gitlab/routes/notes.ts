import { type Call, callerOf, mergeRequestOf, type Route } from '../api.ts';
import { announceNote } from '../announce.ts';
import { badRequest, forbidden, notFound } from '../errors.ts';
import { LEVEL, type MergeRequest, type Note, type Project } from '../model.ts';
import { addNote, type NewNote, noteErrors } from '../notes.ts';
import { paginate } from '../paginate.ts';
import { noteJson } from '../present/merge-requests.ts';
import { executeCommands } from '../quick-actions/execute.ts';
import { extractCommands } from '../quick-actions/extract.ts';
import { accessLevel, now } from '../world.ts';

const BASE = '/projects/:id/merge_requests/:iid/notes';

export const noteRoutes: Route[] = [
  { method: 'GET', path: BASE, run: listNotes },
  { method: 'POST', path: BASE, run: (call) => createNote(call, {}) },
  {
    method: 'GET',
    path: `${BASE}/:note_id`,
    run: (call) => {
      const { mergeRequest, note } = noteOf(call);
      return noteJson(call.world, mergeRequest, note);
    },
  },
  { method: 'PUT', path: `${BASE}/:note_id`, run: editNote },
  { method: 'DELETE', path: `${BASE}/:note_id`, run: deleteNote },
];

/**
 * Creates a comment and carries out its quick actions as its author. A text of nothing but commands leaves no note:
 * 202 with what was done, 400 when nothing was.
 */
export async function createNote(call: Call, place: Pick<NewNote, 'discussionId' | 'type'>) {
  const { world, params } = call;
  const { project, mergeRequest } = mergeRequestOf(call);
  const { user } = callerOf(call);
  params.require('body');
  mayComment(call, project);
  const text = extractCommands(params.text('body'), world.version);
  const commandsOnly = text.commands.length > 0 && text.content.trim() === '';
  const errors = commandsOnly ? undefined : noteErrors(text.content);
  if (errors !== undefined) throw badRequest(`Note ${errors}`);
  const internal = params.boolean('internal') ?? params.boolean('confidential') ?? false;
  const note = commandsOnly
    ? undefined
    : await addNote(world, mergeRequest, user, { ...place, body: text.content, internal });
  const outcome = await executeCommands({ world, mergeRequest, user }, text.commands);
  if (note !== undefined) return noteJson(world, mergeRequest, note, outcome.changes);
  if (outcome.summary.length === 0) throw badRequest('Note {:commands=>["Failed to apply commands."]}');
  call.reply.code(202);
  return { commands_changes: outcome.changes, summary: outcome.summary };
}

function listNotes(call: Call) {
  const { project, mergeRequest } = mergeRequestOf(call);
  const order = call.params.oneOf('order_by', ['created_at', 'updated_at'] as const) ?? 'created_at';
  const filter = call.params.oneOf('activity_filter', [
    'all_notes',
    'only_comments',
    'only_activity',
  ] as const);
  const key = (note: Note) => (order === 'updated_at' ? note.updatedAt : note.createdAt);
  const rows = visibleNotes(call, project, mergeRequest)
    .filter((note) => filter !== 'only_comments' || !note.system)
    .filter((note) => filter !== 'only_activity' || note.system)
    .toSorted((one, other) => key(one).localeCompare(key(other)) || one.id - other.id);
  const sorted = call.params.oneOf('sort', ['asc', 'desc'] as const) === 'asc' ? rows : rows.toReversed();
  return paginate(call, sorted).map((note) => noteJson(call.world, mergeRequest, note));
}

/** Internal notes are for members of the project only. */
export function visibleNotes(call: Call, project: Project, mergeRequest: MergeRequest): Note[] {
  const level = accessLevel(call.world, project, call.caller?.user.id ?? null);
  return mergeRequest.notes.filter((note) => !note.internal || level >= LEVEL.reporter);
}

export function noteOf(call: Call) {
  const { project, mergeRequest } = mergeRequestOf(call);
  const wanted = call.path['note_id'];
  const note = visibleNotes(call, project, mergeRequest).find((one) => String(one.id) === wanted);
  if (note === undefined) throw notFound();
  return { project, mergeRequest, note };
}

function mayComment(call: Call, project: Project): void {
  const level = accessLevel(call.world, project, callerOf(call).user.id);
  if (project.visibility === 'private' && level < LEVEL.reporter) throw notFound('Noteable');
}

/** Quick actions run on edit too, as the editor; an edit that leaves nothing else deletes the note and answers 400. */
export async function editNote(call: Call) {
  const { world } = call;
  const { project, mergeRequest, note } = noteOf(call);
  const { user } = callerOf(call);
  mayAdminister(call, project, note);
  call.params.require('body');
  const text = extractCommands(call.params.text('body'), world.version);
  const commandsOnly = text.commands.length > 0 && text.content.trim() === '';
  const errors = commandsOnly ? undefined : noteErrors(text.content);
  if (errors !== undefined) throw badRequest(`Failed to save note ${errors}`);
  const outcome = await executeCommands({ world, mergeRequest, user }, text.commands);
  if (commandsOnly) {
    remove(mergeRequest, note);
    const said = outcome.summary.length === 0 ? 'Commands did not apply' : outcome.summary.join(' ');
    throw badRequest(`Failed to save note {:commands_only=>["${said}"]}`);
  }
  note.body = text.content;
  note.updatedAt = now();
  mergeRequest.updatedAt = note.updatedAt;
  await announceNote(world, mergeRequest, note, 'update');
  return noteJson(world, mergeRequest, note, outcome.changes);
}

export function deleteNote(call: Call) {
  const { project, mergeRequest, note } = noteOf(call);
  mayAdminister(call, project, note);
  remove(mergeRequest, note);
  return undefined;
}

function mayAdminister(call: Call, project: Project, note: Note): void {
  const { user } = callerOf(call);
  const maintainer = accessLevel(call.world, project, user.id) >= LEVEL.maintainer;
  if (note.system || (note.authorId !== user.id && !maintainer)) throw forbidden();
}

function remove(mergeRequest: MergeRequest, note: Note): void {
  mergeRequest.notes = mergeRequest.notes.filter((one) => one !== note);
}
