import { createHash } from 'node:crypto';
import { announceNote } from './announce.ts';
import type { MergeRequest, Note, User } from './model.ts';
import { nextId, now, type World } from './world.ts';

export interface NewNote {
  body: string;
  internal?: boolean;
  /** Absent: a comment of its own; present: part of that thread. */
  discussionId?: string;
  type?: Note['type'];
}

/** A person's comment: stored and announced. */
export async function addNote(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  input: NewNote,
): Promise<Note> {
  const note = store(world, mergeRequest, user, input, false);
  mergeRequest.updatedAt = note.createdAt;
  await announceNote(world, mergeRequest, note, 'create');
  return note;
}

/** GitLab's own remark on what somebody did; it fires no hook. */
export function addSystemNote(world: World, mergeRequest: MergeRequest, user: User, body: string): Note {
  return store(world, mergeRequest, user, { body }, true);
}

/** Notes of one thread, oldest first. */
export function threadOf(mergeRequest: MergeRequest, discussionId: string): Note[] {
  return mergeRequest.notes.filter((note) => note.discussionId === discussionId);
}

/** GitLab's own limits on a comment; undefined when it is fine, else the errors as they stand in its answer. */
export function noteErrors(body: string): string | undefined {
  if (body.trim() === '') return `{:note=>["can't be blank"]}`;
  if (body.length > 1_000_000) return '{:note=>["is too long (maximum is 1000000 characters)"]}';
  return undefined;
}

function store(world: World, mergeRequest: MergeRequest, user: User, input: NewNote, system: boolean): Note {
  const id = nextId(world);
  const at = now();
  const note: Note = {
    id,
    body: input.body,
    authorId: user.id,
    system,
    internal: input.internal ?? false,
    createdAt: at,
    updatedAt: at,
    discussionId: input.discussionId ?? createHash('sha1').update(`note ${id}`).digest('hex'),
    type: input.type ?? null,
    resolvedById: null,
    resolvedAt: null,
    awards: [],
  };
  mergeRequest.notes.push(note);
  return note;
}
