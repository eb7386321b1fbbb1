import type { RestVersion } from '../api.ts';
import { badRequest, fieldErrors, JiraError } from '../errors.ts';
import { type JsonObject, objectOrEmpty } from '../json.ts';
import { hasProjectPermission, requirePermission } from '../model/permissions.ts';
import { resolutions, type Site } from '../model/site.ts';
import type { Issue, User } from '../model/types.ts';
import { availableTransitions, type WorkflowTransition } from '../model/workflow.ts';
import { askForApproval } from './approvals.ts';
import { applyFields } from './apply-fields.ts';
import { addComment } from './comments.ts';
import { readFields } from './field-values.ts';
import { emitUpdated, recordHistory, statusChange } from './history.ts';

/** The transitions this caller may take now; none without the permission to move issues. */
export function transitionsFor(site: Site, user: User, issue: Issue): WorkflowTransition[] {
  if (!hasProjectPermission(site, user, site.projectOf(issue), 'TRANSITION_ISSUES')) return [];
  return availableTransitions(site.workflow, issue, user, (group, accountId) =>
    site.isMember(group, accountId),
  );
}

/**
 * Moves the issue. JIRA answers 400 alike for an unknown transition, one that does not start at the present status and
 * one the caller may not take, which is what makes a move usable as compare-and-set.
 */
export function moveIssue(
  site: Site,
  version: RestVersion,
  user: User,
  issue: Issue,
  body: JsonObject,
): void {
  const { id } = objectOrEmpty(body['transition']);
  if (typeof id !== 'string' && typeof id !== 'number') throw badRequest("Missing 'transition' identifier");
  const known = site.workflow.transitions.some((candidate) => candidate.id === String(id));
  const transition = transitionsFor(site, user, issue).find((candidate) => candidate.id === String(id));
  if (transition === undefined) {
    // Data Center's document: "500: If transition ID is incorrect."
    if (!known && site.keepsWiki) throw new JiraError(500, ['Internal server error']);
    throw badRequest(
      known
        ? `It seems that you have tried to perform a workflow operation that is not valid for the current state of this issue (${issue.key}). The likely cause is that somebody has changed the issue recently, please look at the issue history for details.`
        : `Transition id '${String(id)}' is not valid for this issue.`,
    );
  }

  const request = readFields(
    site,
    version,
    screenOf(transition),
    { project: site.projectOf(issue), issue },
    body,
  );
  requireScreenFields(transition, request.values);
  if (request.comments.length > 0) {
    requirePermission(
      site,
      user,
      issue,
      'ADD_COMMENTS',
      badRequest('You do not have the permission to comment on this issue.'),
    );
  }
  if (transition.setResolution !== undefined && !request.values.has('resolution')) {
    const wanted = resolutions.find((resolution) => resolution.name === transition.setResolution);
    request.values.set('resolution', wanted?.id ?? null);
  }

  const from = site.status(issue.statusId);
  const to = site.status(transition.to);
  issue.statusId = to.id;
  const changed = applyFields(site, issue, request.values);
  const history = recordHistory(site, issue, user, [...changed, statusChange(from, to)]);
  askForApproval(site, issue);
  emitUpdated(site, issue, user, history, 'issue_generic');
  for (const comment of request.comments) addComment(site, user, issue, comment.body, comment.request);
}

/** A screen always takes a comment; without a screen nothing can be set. */
function screenOf(transition: WorkflowTransition): Set<string> {
  if (transition.screen === undefined) return new Set();
  return new Set(['comment', ...transition.screen.map((field) => field.fieldId)]);
}

function requireScreenFields(transition: WorkflowTransition, values: ReadonlyMap<string, unknown>): void {
  const missing = (transition.screen ?? []).filter(
    (field) => field.required && (values.get(field.fieldId) ?? null) === null,
  );
  if (missing.length === 0) return;
  throw fieldErrors(
    Object.fromEntries(missing.map(({ fieldId }) => [fieldId, `${capitalised(fieldId)} is required.`])),
  );
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
