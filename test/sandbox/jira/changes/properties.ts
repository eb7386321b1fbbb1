import { badRequest, forbidden, JiraError, notFound } from '../errors.ts';
import { requirePermission } from '../model/permissions.ts';
import type { Site } from '../model/site.ts';
import type { Issue, User } from '../model/types.ts';

const valueLimit = 32_768;

/** Sets an entity property; true when it is new. Properties leave no trace in the changelog. */
export function setProperty(site: Site, user: User, issue: Issue, key: string, value: unknown): boolean {
  requirePermission(
    site,
    user,
    issue,
    'EDIT_ISSUES',
    forbidden('You do not have permission to edit this issue.'),
  );
  checkPropertyKey(key);
  checkPropertyValue(value);
  const isNew = !issue.properties.has(key);
  issue.properties.set(key, value);
  site.emit({ type: 'issue_property_set', issue, user, key, value });
  return isNew;
}

/** Deletes a property; without edit permission JIRA answers 404 here, not 403. */
export function deleteProperty(site: Site, user: User, issue: Issue, key: string): void {
  const absent = notFound(`The property ${key} does not exist.`);
  requirePermission(site, user, issue, 'EDIT_ISSUES', absent);
  if (!issue.properties.has(key)) throw absent;
  const value = issue.properties.get(key);
  issue.properties.delete(key);
  site.emit({ type: 'issue_property_deleted', issue, user, key, value });
}

export function checkPropertyKey(key: unknown): string {
  if (typeof key !== 'string' || key === '')
    throw badRequest('The property key must be a string that is not empty.');
  if (key.length > 255) throw badRequest('The property key cannot be longer than 255 characters.');
  return key;
}

export function checkPropertyValue(value: unknown): unknown {
  if (value === undefined) throw badRequest('The property value must be valid JSON.');
  const length = JSON.stringify(value).length;
  if (length > valueLimit) {
    throw new JiraError(400, [`The property value cannot be longer than ${valueLimit} characters.`]);
  }
  return value;
}
