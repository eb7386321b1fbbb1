import { forbidden, JiraError } from '../errors.ts';
import { hasProjectPermission, requirePermission } from '../model/permissions.ts';
import type { Site } from '../model/site.ts';
import type { Attachment, Issue, User } from '../model/types.ts';
import { emitUpdated, recordHistory } from './history.ts';

export interface UploadedFile {
  filename: string;
  mimeType: string;
  content: Buffer;
}

/** Attaches the files of one request: all of them or, when one is too large, none. */
export function attachFiles(
  site: Site,
  user: User,
  issue: Issue,
  files: readonly UploadedFile[],
): Attachment[] {
  requirePermission(
    site,
    user,
    issue,
    'CREATE_ATTACHMENTS',
    forbidden('You do not have permission to create attachments for this issue.'),
  );
  const limit = site.settings.attachmentLimitBytes;
  for (const file of files) {
    if (file.content.length > limit) {
      throw new JiraError(413, [
        `The file ${file.filename} exceeds its maximum permitted size of ${limit} bytes.`,
      ]);
    }
  }
  return files.map((file) => attach(site, user, issue, file));
}

export function deleteAttachment(site: Site, user: User, issue: Issue, attachment: Attachment): void {
  const project = site.projectOf(issue);
  const own = attachment.authorAccountId === user.accountId;
  const allowed =
    hasProjectPermission(site, user, project, 'DELETE_ALL_ATTACHMENTS') ||
    (own && hasProjectPermission(site, user, project, 'DELETE_OWN_ATTACHMENTS'));
  if (!allowed) throw forbidden('You do not have permission to delete this attachment.');
  issue.attachments = issue.attachments.filter((candidate) => candidate.id !== attachment.id);
  const history = recordHistory(site, issue, user, [
    {
      field: 'Attachment',
      fieldtype: 'jira',
      fieldId: 'attachment',
      from: attachment.id,
      fromString: attachment.filename,
      to: null,
      toString: null,
    },
  ]);
  site.emit({ type: 'attachment_deleted', issue, user, attachment });
  emitUpdated(site, issue, user, history, 'issue_updated');
}

function attach(site: Site, user: User, issue: Issue, file: UploadedFile): Attachment {
  const attachment: Attachment = {
    id: String(site.nextId('attachment')),
    authorAccountId: user.accountId,
    created: Date.now(),
    ...file,
  };
  issue.attachments.push(attachment);
  const history = recordHistory(site, issue, user, [
    {
      field: 'Attachment',
      fieldtype: 'jira',
      fieldId: 'attachment',
      from: null,
      fromString: null,
      to: attachment.id,
      toString: attachment.filename,
    },
  ]);
  site.emit({ type: 'attachment_created', issue, user, attachment });
  emitUpdated(site, issue, user, history, 'issue_updated');
  return attachment;
}
