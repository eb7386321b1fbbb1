import { z } from 'zod';
import type { CodeHostHint } from '#app/ports/hook-hints.ts';
import { type Names, parseCommand } from '#domain/command.ts';

const DEEPEST = 40;

/** What may be edited about a merge request without a push, and bears on its change. */
const MATTERS: ReadonlySet<string> = new Set(['draft', 'target_branch', 'title', 'description']);

/** Why a body is ignored that no GitLab can have sent. */
export const NOT_JSON = 'not JSON';

/**
 * Reads the raw body of an authenticated delivery. Never throws: what cannot be read is ignored, with the reason.
 * A note that mentions an account before a command is a hint as well: whose account that is, the API tells.
 */
export function readGitlabHook(rawBody: Uint8Array, names: Pick<Names, 'alsoAtlantis'> = {}): CodeHostHint {
  const text = Buffer.from(rawBody).toString('utf8');
  if (depthOf(text) > DEEPEST) return ignored('nested too deeply');
  const read = parseJson(text);
  if (read === undefined) return ignored(NOT_JSON);
  const { data } = anyHook.safeParse(read);
  if (data === undefined) return ignored('not a hook body');
  const repository = data.project_id ?? data.project?.id;
  // Hooks of a group or the whole instance name some events by `event_name` alone.
  const hint =
    data.object_kind === undefined
      ? ignored('nothing follows from an event without a kind')
      : hintOf(data.object_kind, read, names);
  return hint.kind === 'ignored' && repository !== undefined ? { ...hint, repository } : hint;
}

function hintOf(kind: string, body: unknown, names: Names): CodeHostHint {
  switch (kind) {
    case 'merge_request':
      return ofMergeRequest(mergeRequestHook.safeParse(body));
    case 'note':
      return ofNote(noteHook.safeParse(body), names);
    case 'pipeline':
      return ofPipeline(pipelineHook.safeParse(body));
    case 'push':
      return ofPush(pushHook.safeParse(body));
    case 'tag_push':
      return ofTagPush(pushHook.safeParse(body));
    // Hooks are an open list: GitLab adds kinds, and a refusal would make it disable the hook.
    default:
      return ignored('nothing follows from this kind of event');
  }
}

function ofMergeRequest({ data }: z.ZodSafeParseResult<z.infer<typeof mergeRequestHook>>): CodeHostHint {
  if (data === undefined) return ignored('a merge-request hook of another shape');
  const { action, oldrev, iid, target_project_id } = data.object_attributes;
  // The project of the event is the target, whatever the merge request comes from.
  const repository = target_project_id ?? data.project?.id;
  if (repository === undefined) return ignored('a merge-request hook of another shape');
  const hint = { kind: 'merge-request', repository, iid } as const;
  // An update counts with new commits (`oldrev`), when it leaves or enters draft, changes its target, or another work plan
  // is written into its description.
  const changed = Object.keys(data.changes ?? {});
  const matters = oldrev != null || changed.some((field) => MATTERS.has(field));
  if (action === 'update' && !matters) return ignored('an update of nothing that matters');
  return hint;
}

function ofNote({ data }: z.ZodSafeParseResult<z.infer<typeof noteHook>>, names: Names): CodeHostHint {
  if (data === undefined) return ignored('a note hook of another shape');
  const { object_attributes: note, merge_request: mergeRequest } = data;
  if (note.noteable_type !== 'MergeRequest' || mergeRequest == null) return ignored('not on a merge request');
  // On an edit GitLab names the note's author as the actor, whoever edited it: an edit can command nothing.
  if (note.action !== 'create') {
    return ignored(note.action == null ? 'a note that may have been edited' : 'an edited note');
  }
  if (note.system === true) return ignored('a system note');
  const [, mention = ''] = /^`*@(\S+)/.exec(note.note) ?? [];
  if (parseCommand(note.note, { ...names, mention }) === undefined)
    return ignored('not addressed to Countersign');
  return { kind: 'command-note', repository: data.project_id, iid: mergeRequest.iid, noteId: note.id };
}

function ofPipeline({ data }: z.ZodSafeParseResult<z.infer<typeof pipelineHook>>): CodeHostHint {
  if (data === undefined) return ignored('a pipeline hook of another shape');
  const { id: pipelineId, sha: of, source } = data.object_attributes;
  const ofStatuses = source === 'external';
  const hint = { kind: 'pipeline', repository: data.project.id, sha: of, pipelineId, ofStatuses } as const;
  return data.merge_request == null ? hint : { ...hint, iid: data.merge_request.iid };
}

function ofPush({ data }: z.ZodSafeParseResult<z.infer<typeof pushHook>>): CodeHostHint {
  if (data === undefined) return ignored('a push hook of another shape');
  const branch = data.ref.replace(/^refs\/heads\//, '');
  const repository = data.project_id;
  if (/^0+$/.test(data.after)) return { kind: 'branch-gone', repository, branch };
  return { kind: 'push', repository, branch, after: data.after };
}

function ofTagPush({ data }: z.ZodSafeParseResult<z.infer<typeof pushHook>>): CodeHostHint {
  if (data === undefined) return ignored('a tag hook of another shape');
  return { kind: 'tag-push', repository: data.project_id, tag: data.ref.replace(/^refs\/tags\//, '') };
}

function ignored(why: string): CodeHostHint {
  return { kind: 'ignored', why };
}

/** Depth of nesting, counted before parsing, so that no parser has to recurse into it. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, (depth += 1));
    else if (char === '}' || char === ']') depth -= 1;
  }
  return deepest;
}

/** Keys that would reach a prototype are dropped, whatever later copies the object. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch {
    return undefined;
  }
}

const id = z.number().int().positive();
const sha = z.string().regex(/^[0-9a-f]{40,64}$/);

/** What is not as expected counts as not told: only what a hint needs decides whether there is one. */
const optionalId = id
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined);
const optionalText = z.string().nullish().catch(undefined);

const anyHook = z.object({
  object_kind: z.string().optional().catch(undefined),
  project_id: optionalId,
  project: z.object({ id: optionalId }).nullish().catch(undefined),
});

const mergeRequestHook = z.object({
  project: z.object({ id: optionalId }).nullish().catch(undefined),
  object_attributes: z.object({
    iid: id,
    target_project_id: optionalId,
    action: optionalText,
    oldrev: optionalText,
  }),
  changes: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});

const noteHook = z.object({
  project_id: id,
  object_attributes: z.object({
    id,
    note: z.string(),
    noteable_type: z.string(),
    action: optionalText,
    system: z.boolean().nullish().catch(undefined),
  }),
  merge_request: z.object({ iid: id }).nullish().catch(undefined),
});

const pipelineHook = z.object({
  project: z.object({ id }),
  object_attributes: z.object({ id, sha, source: optionalText }),
  merge_request: z.object({ iid: id }).nullish().catch(undefined),
});

const pushHook = z.object({ project_id: id, ref: z.string().max(1_000), after: sha });
