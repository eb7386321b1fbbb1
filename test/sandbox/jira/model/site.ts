import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { approversGroup, botsGroup, defaultWorkflow } from './default-workflow.ts';
import { defaultPermissionScheme } from './default-permissions.ts';
import type {
  AccountType,
  CustomField,
  CustomFieldType,
  Group,
  Issue,
  IssueLink,
  IssueLinkType,
  PermissionScheme,
  Project,
  Resolution,
  User,
} from './types.ts';
import type { WorkflowDefinition, WorkflowStatus } from './workflow.ts';
import type { SiteEvent } from '../hooks/events.ts';

export const administratorsGroup = 'jira-administrators';

export interface SiteSettings {
  /** Data Center's limit for each user; null where there is none. */
  rateLimit: { capacity: number; perSecond: number } | null;
  searchLagMs: number;
  attachmentLimitBytes: number;
  commentLimit: number;
}

/** One JIRA site in memory. Reads are plain; every change of an issue goes through `issue-changes.ts`. */
export class Site {
  readonly users = new Map<string, User>();
  readonly groups = new Map<string, Group>();
  readonly projects = new Map<string, Project>();
  readonly issues = new Map<string, Issue>();
  readonly customFields = new Map<string, CustomField>();
  readonly issueLinks = new Map<string, IssueLink>();
  readonly settings: SiteSettings = {
    rateLimit: null,
    searchLagMs: 0,
    attachmentLimitBytes: 10 * 1024 * 1024,
    commentLimit: 5000,
  };
  workflow: WorkflowDefinition;
  readonly #events = new EventEmitter();
  readonly #sequences = new Map<string, number>();
  readonly #idsByKey = new Map<string, string>();

  /** Data Center keeps rich text as wiki markup; Cloud turns it into documents. */
  readonly keepsWiki: boolean;

  constructor(workflow: WorkflowDefinition = defaultWorkflow, { keepsWiki = false } = {}) {
    this.keepsWiki = keepsWiki;
    this.workflow = workflow;
    for (const name of [administratorsGroup, approversGroup, botsGroup]) this.addGroup(name);
  }

  /** Ids are decimal strings that strictly increase within one kind, as JIRA's are. */
  nextId(kind: string): number {
    const id = (this.#sequences.get(kind) ?? 9999) + 1;
    this.#sequences.set(kind, id);
    return id;
  }

  emit(event: SiteEvent): void {
    this.#events.emit('event', event);
  }

  onEvent(listener: (event: SiteEvent) => void): void {
    this.#events.on('event', listener);
  }

  addUser(input: {
    accountId?: string | undefined;
    name?: string | undefined;
    displayName: string;
    email: string;
    apiToken?: string | undefined;
    accountType?: AccountType | undefined;
    active?: boolean | undefined;
  }): User {
    const user: User = {
      accountId: input.accountId ?? this.#newAccountId(),
      name: input.name ?? input.email.split('@')[0] ?? input.email,
      displayName: input.displayName,
      emailAddress: input.email,
      apiToken: input.apiToken ?? `jira-token-${randomUUID()}`,
      accountType: input.accountType ?? 'atlassian',
      active: input.active ?? true,
    };
    this.users.set(user.accountId, user);
    return user;
  }

  #newAccountId(): string {
    return this.keepsWiki ? `JIRAUSER${this.nextId('user')}` : `712020:${randomUUID()}`;
  }

  addGroup(name: string): Group {
    const existing = this.groups.get(name);
    if (existing !== undefined) return existing;
    const group: Group = { groupId: randomUUID(), name, members: new Set() };
    this.groups.set(name, group);
    return group;
  }

  isMember(groupName: string, accountId: string): boolean {
    return this.groups.get(groupName)?.members.has(accountId) ?? false;
  }

  addProject(input: {
    key: string;
    name: string;
    leadAccountId?: string | undefined;
    issueTypes?: string[] | undefined;
    components?: string[] | undefined;
    permissions?: Partial<PermissionScheme> | undefined;
  }): Project {
    const project: Project = {
      id: String(this.nextId('project')),
      key: input.key,
      name: input.name,
      leadAccountId: input.leadAccountId ?? null,
      issueTypes: (input.issueTypes ?? ['Change']).map((name) => ({
        id: String(this.nextId('issuetype')),
        name,
        description: `${name} of the project ${input.name}`,
      })),
      components: input.components ?? [],
      serviceDesk: null,
      permissions: { ...defaultPermissionScheme(administratorsGroup), ...input.permissions },
      lastIssueNumber: 0,
    };
    this.projects.set(project.key, project);
    return project;
  }

  addCustomField(input: {
    name: string;
    type: CustomFieldType;
    id?: string | undefined;
    options?: string[] | undefined;
    required?: boolean | undefined;
  }): CustomField {
    const { name, type, options = [], required = false } = input;
    const field: CustomField = {
      id: input.id ?? `customfield_${this.nextId('customfield')}`,
      name,
      type,
      options,
      required,
    };
    this.customFields.set(field.id, field);
    return field;
  }

  addIssue(issue: Issue): void {
    this.issues.set(issue.id, issue);
    this.#idsByKey.set(issue.key, issue.id);
  }

  status(id: string): WorkflowStatus {
    const status = this.workflow.statuses.find((candidate) => candidate.id === id);
    if (status === undefined) throw new Error(`The workflow has no status ${id}`);
    return status;
  }

  findProject(idOrKey: string): Project | undefined {
    return (
      this.projects.get(idOrKey.toUpperCase()) ??
      [...this.projects.values()].find((project) => project.id === idOrKey)
    );
  }

  /** By id, or by key in any case. */
  findIssue(idOrKey: string): Issue | undefined {
    const byId = this.issues.get(idOrKey);
    if (byId !== undefined) return byId;
    return this.issues.get(this.#idsByKey.get(idOrKey.toUpperCase()) ?? '');
  }

  projectOf(issue: Issue): Project {
    const project = this.projects.get(issue.projectKey);
    if (project === undefined) throw new Error(`Issue ${issue.key} has no project`);
    return project;
  }
}

export const resolutions: readonly Resolution[] = [
  { id: '10000', name: 'Done', description: 'Work has been completed on this issue.' },
  { id: '10001', name: "Won't Do", description: "This issue won't be actioned." },
  { id: '10002', name: 'Duplicate', description: 'The problem is a duplicate of an existing issue.' },
];

export const priorities: readonly { id: string; name: string }[] = [
  { id: '1', name: 'Highest' },
  { id: '2', name: 'High' },
  { id: '3', name: 'Medium' },
  { id: '4', name: 'Low' },
  { id: '5', name: 'Lowest' },
];

export const issueLinkTypes: readonly IssueLinkType[] = [
  { id: '10000', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' },
  { id: '10001', name: 'Cloners', inward: 'is cloned by', outward: 'clones' },
  { id: '10002', name: 'Duplicate', inward: 'is duplicated by', outward: 'duplicates' },
  { id: '10003', name: 'Relates', inward: 'relates to', outward: 'relates to' },
];
