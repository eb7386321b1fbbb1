import { textOf } from '../json.ts';
import { priorities, resolutions, type Site } from '../model/site.ts';
import type { ChangeItem, Issue } from '../model/types.ts';
import { isRichText, toWiki } from '../text/rich-text.ts';
import type { FieldValue } from './field-values.ts';

/** Sets the values on the issue and returns what changed, in JIRA's words; a value that stays the same leaves no trace. */
export function applyFields(site: Site, issue: Issue, values: ReadonlyMap<string, FieldValue>): ChangeItem[] {
  return [...values].flatMap(([fieldId, value]) => {
    const before = facet(site, issue, fieldId);
    set(issue, fieldId, value);
    const after = facet(site, issue, fieldId);
    if (before.id === after.id && before.text === after.text) return [];
    const custom = site.customFields.get(fieldId);
    return [
      {
        field: custom?.name ?? fieldId,
        fieldtype: custom === undefined ? ('jira' as const) : ('custom' as const),
        fieldId,
        from: before.id,
        fromString: before.text,
        to: after.id,
        toString: after.text,
      },
    ];
  });
}

/** How the changelog names a field's present value: an id where the field has one, and a text. */
function facet(site: Site, issue: Issue, fieldId: string): { id: string | null; text: string | null } {
  switch (fieldId) {
    case 'summary':
      return { id: null, text: issue.summary };
    case 'description':
      return { id: null, text: issue.description === null ? null : toWiki(issue.description) };
    case 'labels':
      return { id: '', text: issue.labels.join(' ') };
    case 'components':
      return { id: null, text: issue.components.join(', ') };
    case 'parent':
      return { id: null, text: issue.parentKey };
    case 'duedate':
      return { id: issue.dueDate, text: issue.dueDate };
    case 'priority':
      return { id: issue.priorityId, text: nameOf(priorities, issue.priorityId) };
    case 'resolution':
      return { id: issue.resolutionId, text: nameOf(resolutions, issue.resolutionId) };
    case 'assignee':
      return userFacet(site, issue.assigneeAccountId);
    case 'reporter':
      return userFacet(site, issue.reporterAccountId);
    default:
      return { id: null, text: customText(issue.custom[fieldId]) };
  }
}

function set(issue: Issue, fieldId: string, value: FieldValue): void {
  switch (fieldId) {
    case 'summary':
      issue.summary = textOf(value);
      return;
    case 'description':
      issue.description = isRichText(value) ? value : null;
      return;
    case 'labels':
      issue.labels = Array.isArray(value) ? value : [];
      return;
    case 'components':
      issue.components = Array.isArray(value) ? value : [];
      return;
    case 'parent':
      issue.parentKey = typeof value === 'string' ? value : null;
      return;
    case 'duedate':
      issue.dueDate = typeof value === 'string' ? value : null;
      return;
    case 'priority':
      issue.priorityId = textOf(value);
      return;
    case 'resolution':
      issue.resolutionId = typeof value === 'string' ? value : null;
      issue.resolved = issue.resolutionId === null ? null : Date.now();
      return;
    case 'assignee':
      issue.assigneeAccountId = typeof value === 'string' ? value : null;
      return;
    case 'reporter':
      issue.reporterAccountId = textOf(value);
      return;
    default:
      issue.custom[fieldId] = value;
  }
}

function nameOf(known: readonly { id: string; name: string }[], id: string | null): string | null {
  return known.find((candidate) => candidate.id === id)?.name ?? null;
}

function userFacet(site: Site, accountId: string | null): { id: string | null; text: string | null } {
  return {
    id: accountId,
    text: accountId === null ? null : (site.users.get(accountId)?.displayName ?? null),
  };
}

function customText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.join(', ');
  return isRichText(value) ? toWiki(value) : textOf(value);
}
