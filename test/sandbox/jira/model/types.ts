/** What a JIRA site holds. Everything here is plain data; `Site` owns it and the routes show it. */

export type AccountType = 'atlassian' | 'app' | 'customer';

export interface User {
  /** Cloud's account id, Data Center's user key. */
  accountId: string;
  /** What Data Center logs people in by, and mentions them by. */
  name: string;
  displayName: string;
  emailAddress: string;
  apiToken: string;
  accountType: AccountType;
  active: boolean;
  /** What they did still names them; nothing more is told of them. */
  deleted?: boolean;
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

/** A project of Jira Service Management: where its approvals are asked for, and what becomes of a request then. */
export interface ServiceDesk {
  id: string;
  requestTypes: { id: string; name: string; issueTypeId: string }[];
  /** Absent where its workflow has no approval step. */
  approval: ApprovalStep | null;
}

export interface ApprovalStep {
  /** An approval is asked for when a request comes to this status. */
  statusId: string;
  approversGroup: string;
  /** So many of them have to approve; one who declines is enough to decline. */
  needed: number;
  approvedStatusId: string;
  declinedStatusId: string;
  /** In whose name the request is moved then; the last approver's own when null. */
  movedBy: string | null;
}

export type ApprovalDecision = 'approved' | 'declined' | 'pending';

export interface Approval {
  id: string;
  name: string;
  finalDecision: ApprovalDecision;
  approvers: { accountId: string; decision: ApprovalDecision }[];
  created: number;
  completed: number | null;
}

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
  components: string[];
  serviceDesk: ServiceDesk | null;
  permissions: PermissionScheme;
  lastIssueNumber: number;
}

export const customFieldTypes = [
  'string',
  'textarea',
  'number',
  'option',
  'multi-option',
  'user',
  'multi-user',
  'date',
  'datetime',
  'labels',
  'group',
  'url',
  'epic-link',
  'cascading',
] as const;

export type CustomFieldType = (typeof customFieldTypes)[number];

export interface CustomField {
  id: string;
  name: string;
  type: CustomFieldType;
  /** What may be chosen, for fields of options. */
  options: string[];
  required: boolean;
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

/** Wiki markup, which Data Center keeps as it is written. */
export interface WikiText {
  type: 'wiki';
  text: string;
}

/** Rich text as a site stores it: Cloud documents, Data Center wiki markup. */
export type RichText = AdfDocument | WikiText;

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
  body: RichText;
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
  description: RichText | null;
  labels: string[];
  components: string[];
  parentKey: string | null;
  dueDate: string | null;
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
  approvals: Approval[];
  properties: Map<string, unknown>;
}
