import type { Site } from '../model/site.ts';
import type { ChangeItem, Comment, History, Issue, User } from '../model/types.ts';
import type { WorkflowStatus } from '../model/workflow.ts';

/** Appends one history entry with all of a request's changes; `created` never runs backwards within an issue. */
export function recordHistory(site: Site, issue: Issue, author: User, items: ChangeItem[]): History | null {
  if (items.length === 0) return null;
  const created = touch(issue);
  const history: History = {
    id: site.nextId('history'),
    authorAccountId: author.accountId,
    created,
    items,
  };
  issue.histories.push(history);
  return history;
}

/** Marks the issue as updated now, and says when that was. */
export function touch(issue: Issue): number {
  issue.updated = Math.max(Date.now(), issue.updated);
  return issue.updated;
}

/** Tells webhooks that the issue changed. */
export function emitUpdated(
  site: Site,
  issue: Issue,
  user: User,
  history: History | null,
  eventTypeName: 'issue_updated' | 'issue_generic' | 'issue_commented' | 'issue_comment_edited',
  comment: Comment | null = null,
): void {
  site.emit({
    type: 'jira:issue_updated',
    issue,
    user,
    eventTypeName,
    changelog: history === null ? null : { id: String(history.id), items: history.items },
    comment,
  });
}

/** What the changelog says of a move from one status to another. */
export const statusChange = (from: WorkflowStatus, to: WorkflowStatus): ChangeItem => ({
  field: 'status',
  fieldtype: 'jira',
  fieldId: 'status',
  from: from.id,
  fromString: from.name,
  to: to.id,
  toString: to.name,
});
