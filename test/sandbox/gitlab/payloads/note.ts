import type { Award, MergeRequest, Note, User } from '../model.ts';
import { mergeRequestUrl, targetProject, userById, type World } from '../world.ts';
import { mergeRequestAttributes } from './merge-request.ts';
import { hookTime, projectPart, repositoryPart, userPart } from './parts.ts';

/** A note event. On `update` GitLab names the note's *author* as the user, whoever edited it. */
export async function notePayload(
  world: World,
  mergeRequest: MergeRequest,
  note: Note,
  action: 'create' | 'update',
) {
  const project = targetProject(world, mergeRequest);
  return {
    object_kind: 'note',
    event_type: note.internal ? 'confidential_note' : 'note',
    user: userPart(userById(world, note.authorId)),
    project_id: project.id,
    project: projectPart(world, project),
    object_attributes: { ...noteAttributes(world, mergeRequest, note), action },
    repository: repositoryPart(world, project),
    merge_request: await mergeRequestAttributes(world, mergeRequest),
  };
}

export interface EmojiSubject {
  mergeRequest: MergeRequest;
  note: Note | null;
}

export async function emojiPayload(
  world: World,
  subject: EmojiSubject,
  award: Award,
  user: User,
  eventType: 'award' | 'revoke',
) {
  const { mergeRequest, note } = subject;
  const project = targetProject(world, mergeRequest);
  const url = mergeRequestUrl(world, mergeRequest);
  return {
    object_kind: 'emoji',
    event_type: eventType,
    user: userPart(user),
    project_id: project.id,
    project: projectPart(world, project),
    object_attributes: {
      user_id: award.userId,
      created_at: hookTime(award.createdAt),
      id: award.id,
      name: award.name,
      awardable_type: note === null ? 'MergeRequest' : 'Note',
      awardable_id: note?.id ?? mergeRequest.id,
      updated_at: hookTime(award.createdAt),
      action: eventType,
      awarded_on_url: note === null ? url : `${url}#note_${note.id}`,
    },
    ...(note === null ? {} : { note: noteAttributes(world, mergeRequest, note) }),
    merge_request: await mergeRequestAttributes(world, mergeRequest),
  };
}

function noteAttributes(world: World, mergeRequest: MergeRequest, note: Note) {
  return {
    attachment: null,
    author_id: note.authorId,
    change_position: null,
    commit_id: null,
    created_at: hookTime(note.createdAt),
    discussion_id: note.discussionId,
    id: note.id,
    internal: note.internal,
    line_code: null,
    note: note.body,
    noteable_id: mergeRequest.id,
    noteable_type: 'MergeRequest',
    original_position: null,
    position: null,
    project_id: mergeRequest.projectId,
    resolved_at: hookTime(note.resolvedAt),
    resolved_by_id: note.resolvedById,
    resolved_by_push: null,
    st_diff: null,
    system: note.system,
    type: note.type,
    updated_at: hookTime(note.updatedAt),
    updated_by_id: null,
    description: note.body,
    url: `${mergeRequestUrl(world, mergeRequest)}#note_${note.id}`,
  };
}
