import type { MergeRequestView } from '#app/ports/code-host.ts';
import type { CommitStatus, MergeRequest } from './schema.ts';

type Mergeable = MergeRequestView['mergeable'];

/** GitLab computes mergeability in the background; these say that it has not finished. */
const COMPUTING = new Set(['preparing', 'checking', 'unchecked', 'approvals_syncing']);

/** What the merge request alone says, or that the statuses have to be read because a pipeline is in the way. */
export function mergeableByItself(found: MergeRequest): Mergeable | 'ask-statuses' {
  const status = found.detailed_merge_status;
  if (found.state === 'merged') return { answer: 'no', reason: 'it is merged already' };
  if (found.state !== 'opened') return { answer: 'no', reason: `it is ${found.state}` };
  if (status === undefined || COMPUTING.has(status)) {
    return { answer: 'unknown', reason: 'GitLab is still working out whether it can be merged' };
  }
  if (status === 'mergeable') return { answer: 'yes', reason: 'GitLab would merge it' };
  if (status === 'ci_must_pass' || status === 'ci_still_running') return 'ask-statuses';
  return { answer: 'no', reason: REASONS[status] ?? `GitLab says ${status}` };
}

/**
 * Pipelines must succeed, and one has not. That is our own doing, and so no reason against merging, when our status is
 * the only one of the pipeline that has not come out well: it stays `running` until the change is applied.
 */
export function mergeableByStatuses(
  statuses: readonly CommitStatus[],
  isOurs: (status: CommitStatus) => boolean,
): Mergeable {
  const others = statuses.filter((each) => !isOurs(each));
  const waiting = others.filter((each) => !passes(each));
  if (waiting.length > 0) {
    const named = waiting.slice(0, 3).map((each) => `${each.name} is ${each.status}`);
    const more = waiting.length > 3 ? ` and ${waiting.length - 3} more` : '';
    return { answer: 'no', reason: `the pipeline has not succeeded: ${named.join(', ')}${more}` };
  }
  const held = statuses.some((each) => isOurs(each) && each.status !== 'success');
  if (held) return { answer: 'yes', reason: 'only our own status keeps GitLab from merging it' };
  return { answer: 'no', reason: 'GitLab waits for a pipeline that has not reported yet' };
}

function passes(status: CommitStatus): boolean {
  return status.status === 'success' || status.status === 'skipped' || status.allow_failure === true;
}

/** https://docs.gitlab.com/api/merge_requests/#merge-status; what is not listed here is told by its GitLab name. */
const REASONS: Readonly<Record<string, string>> = {
  broken_status: 'it conflicts with the target branch',
  commits_status: 'the source branch is gone or has no commits',
  conflict: 'it conflicts with the target branch',
  discussions_not_resolved: 'there are unresolved threads',
  draft_status: 'it is a draft',
  jira_association_missing: 'its title or description names no JIRA issue',
  locked_lfs_files: 'it touches LFS files that are locked',
  locked_paths: 'it touches paths that are locked',
  merge_request_blocked: 'another merge request blocks it',
  merge_time: 'it may not be merged before the date set on it',
  need_rebase: 'it needs a rebase',
  not_approved: 'approvals that GitLab requires are missing',
  not_open: 'it is not open',
  requested_changes: 'a reviewer requested changes',
  security_policy_pipeline_check: 'a pipeline of a security policy has not passed',
  security_policy_violations: 'it violates a security policy',
  status_checks_must_pass: 'an external status check has not passed',
  title_regex: 'its title does not have the required form',
};
