/** What a JIRA site holds. Everything here is plain data; `Site` owns it and the routes show it. */

export type AccountType = 'atlassian' | 'app' | 'customer';

export interface User {
  accountId: string;
  displayName: string;
  emailAddress: string;
  apiToken: string;
  accountType: AccountType;
  active: boolean;
}

export interface Group {
  groupId: string;
  name: string;
  members: Set<string>;
}

export const projectPermissions = [
  'BROWSE_PROJECTS',
  'CREATE_ISSUES',
  'EDIT_ISSUES',
  'TRANSITION_ISSUES',
  'ADD_COMMENTS',
  'EDIT_OWN_COMMENTS',
  'DELETE_OWN_COMMENTS',
  'EDIT_ALL_COMMENTS',
  'DELETE_ALL_COMMENTS',
  'CREATE_ATTACHMENTS',
  'DELETE_OWN_ATTACHMENTS',
  'DELETE_ALL_ATTACHMENTS',
  'LINK_ISSUES',
  'DELETE_ISSUES',
  'MODIFY_REPORTER',
  'ADMINISTER_PROJECTS',
] as const;

export const globalPermissions = ['ADMINISTER', 'USER_PICKER'] as const;

export type ProjectPermission = (typeof projectPermissions)[number];
export type GlobalPermission = (typeof globalPermissions)[number];

/** Who holds a permission: anybody logged in, a group (by name) or one account. */
export type Grant =
  | { type: 'anyone' }
  | { type: 'group'; group: string }
  | { type: 'user'; accountId: string };

export type PermissionScheme = Record<ProjectPermission, Grant[]>;

export interface IssueType {
  id: string;
  name: string;
  description: string;
}

export interface Project {
  id: string;
  key: string;
  name: string;
  leadAccountId: string | null;
  issueTypes: IssueType[];
  permissions: PermissionScheme;
  lastIssueNumber: number;
}

export type CustomFieldType = 'string' | 'textarea' | 'number';

export interface CustomField {
  id: string;
  name: string;
  type: CustomFieldType;
}

export interface AdfNode {
  type: string;
  attrs?: Record<string, unknown>;
  content?: AdfNode[];
  marks?: { type: string; attrs?: Record<string, unknown> }[];
  text?: string;
}

export interface AdfDocument extends AdfNode {
  type: 'doc';
  version: 1;
  content: AdfNode[];
}

/** One changed field. Absent keys are keys JIRA leaves out for that field. */
export interface ChangeItem {
  field: string;
  fieldtype: 'jira' | 'custom';
  fieldId?: string;
  from: string | null;
  fromString: string | null;
  to: string | null;
  toString: string | null;
}

export interface History {
  id: number;
  authorAccountId: string;
  created: number;
  items: ChangeItem[];
}

export interface Visibility {
  type: 'group' | 'role';
  value: string;
  identifier: string | null;
}

export interface Comment {
  id: string;
  authorAccountId: string;
  updateAuthorAccountId: string;
  body: AdfDocument;
  created: number;
  updated: number;
  visibility: Visibility | null;
  properties: Map<string, unknown>;
}

export interface Attachment {
  id: string;
  authorAccountId: string;
  created: number;
  filename: string;
  mimeType: string;
  content: Buffer;
}

export interface RemoteLink {
  id: number;
  globalId: string | null;
  application: Record<string, unknown>;
  relationship: string | null;
  object: Record<string, unknown> & { url: string; title: string };
}

export interface IssueLinkType {
  id: string;
  name: string;
  inward: string;
  outward: string;
}

export interface IssueLink {
  id: string;
  typeId: string;
  inwardIssueId: string;
  outwardIssueId: string;
}

export interface Resolution {
  id: string;
  name: string;
  description: string;
}

export interface Issue {
  id: string;
  key: string;
  projectKey: string;
  issueTypeId: string;
  statusId: string;
  resolutionId: string | null;
  resolved: number | null;
  summary: string;
  description: AdfDocument | null;
  labels: string[];
  priorityId: string;
  assigneeAccountId: string | null;
  reporterAccountId: string;
  creatorAccountId: string;
  custom: Record<string, unknown>;
  created: number;
  updated: number;
  histories: History[];
  comments: Comment[];
  attachments: Attachment[];
  remoteLinks: RemoteLink[];
  properties: Map<string, unknown>;
}
