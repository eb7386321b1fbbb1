import { z } from 'zod';
import type { MergeRequestRef } from '#domain/change.ts';
import type { Conversation, NoteView } from '#app/ports/code-host.ts';
import { orUndefined, parse } from './client.ts';
import type { GitlabClient } from './client.ts';
import { putStatus } from './commit-status.ts';
import { GitlabFault, hasStatus } from './fault.ts';
import { note } from './schema.ts';
import type { Note } from './schema.ts';

const PER_PAGE = 100;
const MOST_PAGES = 50;

/** Notes, reactions and our commit status. */
export function createConversation(client: GitlabClient): Conversation {
  return {
    async note(ref, noteId) {
      const answer = await orUndefined(client.notes.show(ref.repository, ref.iid, noteId));
      return answer && noteView(parse(note, answer, 'note'));
    },

    async notesSince(ref, since) {
      const found: Note[] = [];
      for await (const each of newestFirst(client, ref)) {
        if (Date.parse(each.created_at) < Date.parse(since)) break;
        found.push(each);
      }
      return found.reverse().map(noteView);
    },

    async putNote(ref, marker, body, known) {
      const text = `${marker}\n${body}`;
      const edited = typeof known === 'object' ? await edit(client, ref, known.id, text) : undefined;
      if (edited !== undefined) return { id: edited };
      if (known === 'none') return { id: await post(client, ref, text) };
      return { id: await editOrPost(client, ref, marker, text) };
    },

    async react(ref, noteId, emoji) {
      try {
        await client.noteAwards.award(ref.repository, ref.iid, noteId, emoji);
      } catch (error) {
        // 404 is "already given", or the note is gone; either way there is nothing left to say.
        if (!hasStatus(error, 404)) throw error;
      }
    },

    putStatus: (status, before) => putStatus(client, status, before),
  };
}

/** Notes newest first, page by page, so that whoever looks for a recent one reads one page. */
async function* newestFirst(client: GitlabClient, ref: MergeRequestRef): AsyncGenerator<Note> {
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { data, paginationInfo } = await client.notes.all(ref.repository, ref.iid, {
      sort: 'desc',
      orderBy: 'created_at',
      perPage: PER_PAGE,
      page,
      showExpanded: true,
    });
    yield* parse(z.array(note), data, 'notes');
    // A page may be short without being the last one: only GitLab's own word ends the walk.
    if (paginationInfo.next === null) return;
  }
}

/** Finds our note by its marker. A crash between posting and remembering may have left several: the oldest stays. */
async function editOrPost(
  client: GitlabClient,
  ref: MergeRequestRef,
  marker: string,
  text: string,
): Promise<number> {
  const me = await client.self();
  const ours: Note[] = [];
  for await (const each of newestFirst(client, ref)) {
    if (each.author.id === me.id && !each.system && each.body.startsWith(marker)) ours.push(each);
  }
  const oldest = ours.pop();
  if (oldest === undefined) return post(client, ref, text);
  for (const extra of ours) await orUndefined(client.notes.remove(ref.repository, ref.iid, extra.id));
  if (asKept(oldest.body) === asKept(text)) return oldest.id;
  return (await edit(client, ref, oldest.id, text)) ?? post(client, ref, text);
}

async function post(client: GitlabClient, ref: MergeRequestRef, text: string): Promise<number> {
  const answer = await client.notes.create(ref.repository, ref.iid, text, { showExpanded: true });
  return verbatim(answer.status, answer.data, text);
}

/** Edits a note; `undefined` when somebody deleted it. */
async function edit(
  client: GitlabClient,
  ref: MergeRequestRef,
  id: number,
  text: string,
): Promise<number | undefined> {
  const options = { body: text, showExpanded: true } as const;
  const answer = await orUndefined(client.notes.edit(ref.repository, ref.iid, id, options));
  return answer && verbatim(answer.status, answer.data, text);
}

/**
 * GitLab runs lines such as `/merge` in our notes with our rights. Our texts leave it none; this is the check that none
 * was found: the note must come back as it was sent, with nothing done because of it.
 */
function verbatim(status: number, answer: unknown, text: string): number {
  const kept = note
    .partial({ author: true, system: true, created_at: true, updated_at: true })
    .safeParse(answer);
  const commands = kept.success ? Object.keys(kept.data.commands_changes ?? {}) : [];
  if (kept.success && status !== 202 && commands.length === 0 && asKept(kept.data.body) === asKept(text)) {
    return kept.data.id;
  }
  const what = commands.length > 0 ? `it ran ${commands.join(', ')}` : 'it is not the text that was sent';
  throw new GitlabFault('note-altered', `GitLab changed or executed our note: ${what}`, {
    status,
    retryable: false,
  });
}

/** GitLab drops `\r` and trailing white space. */
function asKept(text: string): string {
  return text.replaceAll('\r', '').trimEnd();
}

function noteView(found: Note): NoteView {
  return {
    id: found.id,
    body: found.body,
    authorId: found.author.id,
    authorUsername: found.author.username,
    system: found.system,
    edited: Date.parse(found.updated_at) - Date.parse(found.created_at) > WRITTEN_WITHIN_MS,
  };
}

/** GitLab may touch a note while it is being made; what changes it later is an edit, whoever made it. */
const WRITTEN_WITHIN_MS = 1_000;
