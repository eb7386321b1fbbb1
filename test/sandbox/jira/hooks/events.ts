import type { Attachment, ChangeItem, Comment, Issue, User } from '../model/types.ts';

/** What happened on the site, as far as webhooks tell it. */
export type SiteEvent =
  | { type: 'jira:issue_created'; issue: Issue; user: User }
  | {
      type: 'jira:issue_updated';
      issue: Issue;
      user: User;
      eventTypeName: 'issue_updated' | 'issue_generic' | 'issue_commented' | 'issue_comment_edited';
      changelog: { id: string; items: ChangeItem[] } | null;
      comment: Comment | null;
    }
  | { type: 'jira:issue_deleted'; issue: Issue; user: User }
  | {
      type: 'comment_created' | 'comment_updated' | 'comment_deleted';
      issue: Issue;
      user: User;
      comment: Comment;
    }
  | { type: 'attachment_created' | 'attachment_deleted'; issue: Issue; user: User; attachment: Attachment }
  | {
      type: 'issue_property_set' | 'issue_property_deleted';
      issue: Issue;
      user: User;
      key: string;
      value: unknown;
    };

export type SiteEventType = SiteEvent['type'];

export const siteEventTypes: readonly SiteEventType[] = [
  'jira:issue_created',
  'jira:issue_updated',
  'jira:issue_deleted',
  'comment_created',
  'comment_updated',
  'comment_deleted',
  'attachment_created',
  'attachment_deleted',
  'issue_property_set',
  'issue_property_deleted',
];
