import type { Issue, User } from './types.ts';

export type StatusCategoryKey = 'new' | 'indeterminate' | 'done';

export interface WorkflowStatus {
  id: string;
  name: string;
  category: StatusCategoryKey;
  /** JIRA's status property `jira.issue.editable`; absent means true. */
  editable?: boolean;
}

/** Who may take a transition; all conditions of a transition must hold. */
export type WorkflowCondition =
  | { type: 'in-group'; groups: string[] }
  /** JIRA's `system:separation-of-duties`: not whoever moved the issue by one of these transitions before. */
  | { type: 'did-not-do'; transitionIds: string[] };

export interface ScreenField {
  fieldId: string;
  required: boolean;
}

export interface WorkflowTransition {
  id: string;
  name: string;
  /** Status ids, or `any` for a global transition. */
  from: string[] | 'any';
  to: string;
  conditions?: WorkflowCondition[];
  /** Absent: no screen, so the transition accepts neither fields nor a comment. */
  screen?: ScreenField[];
  /** Post function: the resolution to set when the screen did not; `null` clears it. */
  setResolution?: string | null;
}

export interface WorkflowDefinition {
  name: string;
  initialStatusId: string;
  statuses: WorkflowStatus[];
  transitions: WorkflowTransition[];
}

/** The transitions that `user` may take on `issue` now, in the workflow's order. */
export function availableTransitions(
  workflow: WorkflowDefinition,
  issue: Issue,
  user: User,
  isMember: (group: string, accountId: string) => boolean,
): WorkflowTransition[] {
  return workflow.transitions.filter(
    (transition) =>
      (transition.from === 'any' || transition.from.includes(issue.statusId)) &&
      (transition.conditions ?? []).every((condition) => holds(condition, workflow, issue, user, isMember)),
  );
}

function holds(
  condition: WorkflowCondition,
  workflow: WorkflowDefinition,
  issue: Issue,
  user: User,
  isMember: (group: string, accountId: string) => boolean,
): boolean {
  switch (condition.type) {
    case 'in-group':
      return condition.groups.some((group) => isMember(group, user.accountId));
    case 'did-not-do':
      return !condition.transitionIds.some((id) => tookTransition(workflow, issue, user, id));
  }
}

/** History keeps statuses, not transition ids, so a transition counts as taken when its statuses match. */
function tookTransition(
  workflow: WorkflowDefinition,
  issue: Issue,
  user: User,
  transitionId: string,
): boolean {
  const transition = workflow.transitions.find((candidate) => candidate.id === transitionId);
  if (transition === undefined) return false;
  return issue.histories.some(
    (history) =>
      history.authorAccountId === user.accountId &&
      history.items.some(
        (item) =>
          item.fieldId === 'status' &&
          item.to === transition.to &&
          (transition.from === 'any' || transition.from.includes(item.from ?? '')),
      ),
  );
}
