import { type Call, callerOf, mergeRequestOf, type Route } from '../api.ts';
import { forbidden, notFound } from '../errors.ts';
import { LEVEL, type MergeRequest, type Note } from '../model.ts';
import { threadOf } from '../notes.ts';
import { paginate } from '../paginate.ts';
import { noteJson } from '../present/merge-requests.ts';
import { accessLevel, now, type World } from '../world.ts';
import { createNote, deleteNote, editNote, noteOf, visibleNotes } from './notes.ts';

const BASE = '/projects/:id/merge_requests/:iid/discussions';

export const discussionRoutes: Route[] = [
  { method: 'GET', path: BASE, run: listDiscussions },
  { method: 'POST', path: BASE, run: createDiscussion },
  {
    method: 'GET',
    path: `${BASE}/:discussion_id`,
    run: (call) => {
      const { mergeRequest, notes } = discussionOf(call);
      return discussionJson(call.world, mergeRequest, notes);
    },
  },
  { method: 'PUT', path: `${BASE}/:discussion_id`, run: resolve },
  {
    method: 'POST',
    path: `${BASE}/:discussion_id/notes`,
    run: (call) => {
      const { notes } = discussionOf(call);
      for (const note of notes) note.type ??= 'DiscussionNote';
      return createNote(call, { discussionId: call.path['discussion_id'] ?? '', type: 'DiscussionNote' });
    },
  },
  { method: 'PUT', path: `${BASE}/:discussion_id/notes/:note_id`, run: changeNote },
  { method: 'DELETE', path: `${BASE}/:discussion_id/notes/:note_id`, run: deleteNote },
];

function listDiscussions(call: Call) {
  const { project, mergeRequest } = mergeRequestOf(call);
  const visible = visibleNotes(call, project, mergeRequest);
  const ids = [...new Set(visible.map((note) => note.discussionId))];
  return paginate(call, ids).map((id) =>
    discussionJson(
      call.world,
      mergeRequest,
      visible.filter((note) => note.discussionId === id),
    ),
  );
}

async function createDiscussion(call: Call) {
  const { mergeRequest } = mergeRequestOf(call);
  const answer = await createNote(call, { type: 'DiscussionNote' });
  if (!('id' in answer)) return answer;
  const note = mergeRequest.notes.find((one) => one.id === answer.id);
  return discussionJson(call.world, mergeRequest, note === undefined ? [] : [note]);
}

function resolve(call: Call) {
  const { mergeRequest, notes } = discussionOf(call);
  const { user } = callerOf(call);
  call.params.require('resolved');
  const level = accessLevel(call.world, mergeRequestOf(call).project, user.id);
  if (level < LEVEL.developer && mergeRequest.authorId !== user.id) throw forbidden();
  const resolved = call.params.boolean('resolved') === true;
  for (const note of notes.filter((one) => one.type !== null)) {
    note.resolvedById = resolved ? user.id : null;
    note.resolvedAt = resolved ? now() : null;
  }
  return discussionJson(call.world, mergeRequest, notes);
}

/** One note of a thread: either its text is changed, or the thread is resolved through it. */
function changeNote(call: Call) {
  const { mergeRequest, note } = noteOf(call);
  if (note.discussionId !== call.path['discussion_id']) throw notFound();
  if (!call.params.has('resolved')) return editNote(call);
  resolve(call);
  return noteJson(call.world, mergeRequest, note);
}

function discussionOf(call: Call) {
  const { mergeRequest } = mergeRequestOf(call);
  const notes = threadOf(mergeRequest, call.path['discussion_id'] ?? '');
  if (notes.length === 0) throw notFound('Discussion');
  return { mergeRequest, notes };
}

function discussionJson(world: World, mergeRequest: MergeRequest, notes: Note[]) {
  return {
    id: notes[0]?.discussionId ?? '',
    individual_note: notes.every((note) => note.type === null),
    notes: notes.map((note) => noteJson(world, mergeRequest, note)),
  };
}
