import type { Award, MergeRequest, Note, Pipeline, Project, Release, User } from './model.ts';
import { type Changes, type MergeRequestAction, mergeRequestPayload } from './payloads/merge-request.ts';
import { type EmojiSubject, emojiPayload, notePayload } from './payloads/note.ts';
import { pipelinePayload, releasePayload } from './payloads/pipeline.ts';
import { targetProject, type World } from './world.ts';

/*
 * Tells a project's hooks what has happened. Payloads are built at once, so that they show the moment of the event;
 * sending is asynchronous.
 */

export async function announceMergeRequest(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  action: MergeRequestAction,
  details: { oldrev?: string; changes?: Changes; systemAction?: string } = {},
): Promise<void> {
  const payload = await mergeRequestPayload(world, mergeRequest, user, action, details);
  world.hooks.trigger(targetProject(world, mergeRequest).hooks, 'merge_requests_events', payload);
}

export async function announceNote(
  world: World,
  mergeRequest: MergeRequest,
  note: Note,
  action: 'create' | 'update',
): Promise<void> {
  const event = note.internal ? 'confidential_note_events' : 'note_events';
  const payload = await notePayload(world, mergeRequest, note, action);
  world.hooks.trigger(targetProject(world, mergeRequest).hooks, event, payload);
}

export async function announceEmoji(
  world: World,
  subject: EmojiSubject,
  award: Award,
  user: User,
  event: 'award' | 'revoke',
): Promise<void> {
  const payload = await emojiPayload(world, subject, award, user, event);
  world.hooks.trigger(targetProject(world, subject.mergeRequest).hooks, 'emoji_events', payload);
}

export async function announcePipeline(world: World, project: Project, pipeline: Pipeline): Promise<void> {
  world.hooks.trigger(project.hooks, 'pipeline_events', await pipelinePayload(world, project, pipeline));
}

export async function announceRelease(
  world: World,
  project: Project,
  release: Release,
  action: 'create' | 'update' | 'delete',
  sha: string,
): Promise<void> {
  const payload = await releasePayload(world, project, release, action, sha);
  world.hooks.trigger(project.hooks, 'releases_events', payload);
}
