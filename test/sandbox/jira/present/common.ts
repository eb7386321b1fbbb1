import type { Api } from '../api.ts';
import type { JsonObject } from '../json.ts';
import { priorities, resolutions } from '../model/site.ts';
import type { AdfDocument, IssueType, Project, RichText, User } from '../model/types.ts';
import type { StatusCategoryKey, WorkflowStatus } from '../model/workflow.ts';
import { toWiki } from '../text/rich-text.ts';

/** JIRA's way to write a moment: `2026-01-31T08:15:00.000+0000`. */
export function jiraDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '+0000');
}

export function restUrl(api: Api, path: string): string {
  return `${api.baseUrl()}/rest/api/${api.version}${path}`;
}

export function presentAccount(api: Api, accountId: string | null): JsonObject | null {
  const user = accountId === null ? undefined : api.site.users.get(accountId);
  return user === undefined ? null : presentUser(api, user);
}

export function presentUser(api: Api, user: User): JsonObject {
  return api.edition.presentUser(user, api.baseUrl());
}

export function presentRichText(api: Api, text: RichText | null): AdfDocument | string | null {
  if (text === null) return null;
  return api.version === '3' && text.type === 'doc' ? text : toWiki(text);
}

const categories: Record<StatusCategoryKey, { id: number; colorName: string; name: string }> = {
  new: { id: 2, colorName: 'blue-gray', name: 'To Do' },
  indeterminate: { id: 4, colorName: 'yellow', name: 'In Progress' },
  done: { id: 3, colorName: 'green', name: 'Done' },
};

export function presentCategory(api: Api, key: StatusCategoryKey): JsonObject {
  const category = categories[key];
  return { self: restUrl(api, `/statuscategory/${category.id}`), key, ...category };
}

export function presentStatus(api: Api, status: WorkflowStatus): JsonObject {
  return {
    self: restUrl(api, `/status/${status.id}`),
    description: '',
    iconUrl: `${api.baseUrl()}/images/icons/statuses/generic.png`,
    name: status.name,
    id: status.id,
    statusCategory: presentCategory(api, status.category),
  };
}

export function presentIssueType(api: Api, issueType: IssueType): JsonObject {
  return {
    self: restUrl(api, `/issuetype/${issueType.id}`),
    id: issueType.id,
    description: issueType.description,
    iconUrl: `${api.baseUrl()}/images/icons/issuetypes/task.svg`,
    name: issueType.name,
    subtask: false,
    ...(api.edition.kind === 'cloud' ? { hierarchyLevel: 0 } : {}),
  };
}

export function presentPriority(api: Api, id: string): JsonObject {
  const name = priorities.find((priority) => priority.id === id)?.name ?? '';
  return {
    self: restUrl(api, `/priority/${id}`),
    iconUrl: `${api.baseUrl()}/images/icons/priorities/${name.toLowerCase()}.svg`,
    name,
    id,
  };
}

export function presentComponent(api: Api, name: string): JsonObject {
  return { self: restUrl(api, `/component/${encodeURIComponent(name)}`), id: idOfComponent(name), name };
}

/** A number that stays the same for a name. */
function idOfComponent(name: string): string {
  return String(Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) % 90_000, 7) + 10_000);
}

export function presentResolution(api: Api, id: string | null): JsonObject | null {
  const resolution = resolutions.find((candidate) => candidate.id === id);
  return resolution === undefined
    ? null
    : { self: restUrl(api, `/resolution/${resolution.id}`), ...resolution };
}

/** A project as issues carry it. */
export function presentProjectReference(api: Api, project: Project): JsonObject {
  const avatar = (size: number) => `${api.baseUrl()}/images/projects/${project.key}?size=${size}`;
  return {
    self: restUrl(api, `/project/${project.id}`),
    id: project.id,
    key: project.key,
    name: project.name,
    projectTypeKey: 'software',
    ...(api.edition.kind === 'cloud' ? { simplified: false } : {}),
    avatarUrls: { '48x48': avatar(48), '24x24': avatar(24), '16x16': avatar(16), '32x32': avatar(32) },
  };
}
