import type { Api } from '../api.ts';
import type { JsonObject } from '../json.ts';
import type { Attachment, ChangeItem, Comment, History, RemoteLink } from '../model/types.ts';
import type { WorkflowTransition } from '../model/workflow.ts';
import { toHtml } from '../text/rich-text.ts';
import { jiraDate, presentAccount, presentRichText, presentStatus, restUrl } from './common.ts';
import { fieldMetadata } from './fields.ts';

export function presentComment(
  api: Api,
  issueId: string,
  comment: Comment,
  expand: readonly string[] = [],
): JsonObject {
  return {
    self: restUrl(api, `/issue/${issueId}/comment/${comment.id}`),
    id: comment.id,
    author: presentAccount(api, comment.authorAccountId),
    body: presentRichText(api, comment.body),
    ...(expand.includes('renderedBody') ? { renderedBody: toHtml(comment.body) } : {}),
    updateAuthor: presentAccount(api, comment.updateAuthorAccountId),
    created: jiraDate(comment.created),
    updated: jiraDate(comment.updated),
    ...(comment.visibility === null ? {} : { visibility: comment.visibility }),
    ...(api.edition.kind === 'cloud' ? { jsdPublic: true } : {}),
    ...(expand.includes('properties')
      ? { properties: [...comment.properties].map(([key, value]) => ({ key, value })) }
      : {}),
  };
}

export function presentHistory(api: Api, history: History): JsonObject {
  return {
    id: String(history.id),
    author: presentAccount(api, history.authorAccountId),
    created: jiraDate(history.created),
    items: api.edition.kind === 'cloud' ? history.items : history.items.map(withoutFieldId),
  };
}

/** Data Center names the field by its name alone. */
export function withoutFieldId({ fieldId, ...item }: ChangeItem): Omit<ChangeItem, 'fieldId'> {
  return fieldId === undefined ? item : { ...item };
}

export function presentAttachment(api: Api, attachment: Attachment): JsonObject {
  return {
    self: restUrl(api, `/attachment/${attachment.id}`),
    id: attachment.id,
    filename: attachment.filename,
    author: presentAccount(api, attachment.authorAccountId),
    created: jiraDate(attachment.created),
    size: attachment.content.length,
    mimeType: attachment.mimeType,
    content:
      api.edition.kind === 'cloud'
        ? restUrl(api, `/attachment/content/${attachment.id}`)
        : `${api.baseUrl()}/secure/attachment/${attachment.id}/${encodeURIComponent(attachment.filename)}`,
  };
}

/** `GET /attachment/{id}` writes the id as a number, unlike every other place. */
export function presentAttachmentMetadata(api: Api, attachment: Attachment): JsonObject {
  return { ...presentAttachment(api, attachment), id: Number(attachment.id) };
}

export function presentRemoteLink(api: Api, issueKey: string, link: RemoteLink): JsonObject {
  return {
    id: link.id,
    self: restUrl(api, `/issue/${issueKey}/remotelink/${link.id}`),
    ...(link.globalId === null ? {} : { globalId: link.globalId }),
    application: link.application,
    ...(link.relationship === null ? {} : { relationship: link.relationship }),
    object: link.object,
  };
}

export function presentTransition(api: Api, transition: WorkflowTransition, withFields: boolean): JsonObject {
  const screen = transition.screen ?? [];
  const common = {
    id: transition.id,
    name: transition.name,
    to: presentStatus(api, api.site.status(transition.to)),
  };
  const fields = withFields
    ? {
        fields: Object.fromEntries(
          screen.map(({ fieldId, required }) => [fieldId, fieldMetadata(api, null, fieldId, required)]),
        ),
      }
    : {};
  if (api.edition.kind === 'data-center') return { ...common, ...fields };
  return {
    ...common,
    hasScreen: transition.screen !== undefined,
    isGlobal: transition.from === 'any',
    isInitial: false,
    isAvailable: true,
    isConditional: (transition.conditions ?? []).length > 0,
    looped: transition.from !== 'any' && transition.from.includes(transition.to),
    ...fields,
  };
}
