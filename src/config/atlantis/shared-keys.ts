import type { AtlantisProject, AtlantisRepository } from './schema.ts';
import type { Tell } from './tell.ts';

type Shared = Pick<
  AtlantisProject | AtlantisRepository,
  | 'plan_requirements'
  | 'apply_requirements'
  | 'import_requirements'
  | 'repo_locking'
  | 'repo_locks'
  | 'policy_check'
  | 'custom_policy_check'
  | 'delete_source_branch_on_merge'
  | 'silence_pr_comments'
>;

/** From when on Atlantis locks a project; `undefined` where it is not said. */
export function holdOf({ repo_locks, repo_locking }: Shared, tell: Tell): 'plan' | 'apply' | undefined {
  const disabled = repo_locks?.mode === 'disabled' || (repo_locks === undefined && repo_locking === false);
  if (disabled) {
    const [key, ...rest] = repo_locks === undefined ? ['repo_locking'] : ['repo_locks', 'mode'];
    tell(
      'a project under apply is always held by its change; `holdFrom: apply` holds it no longer than that',
      key ?? '',
      ...rest,
    );
    return 'apply';
  }
  if (repo_locks?.mode === 'on_apply') return 'apply';
  return repo_locks?.mode === 'on_plan' || repo_locking === true ? 'plan' : undefined;
}

/** What of a project or a repository is settled otherwise here, and how. */
export function tellShared(says: Shared, tell: Tell): void {
  tellRequirements('apply_requirements', says.apply_requirements, tell);
  tellRequirements('import_requirements', says.import_requirements, tell);
  if (says.plan_requirements !== undefined && says.plan_requirements.length > 0)
    tell(
      'plan_requirements: whoever may ask for a plan gets one; who that is, `gitlab.accessLevels` of the server says',
      'plan_requirements',
    );
  if (says.policy_check !== undefined || says.custom_policy_check === true)
    tell(
      'checks are always asked: write them as rules in policies/*.yaml, a server rule or a program as a run step of a server workflow',
      says.policy_check === undefined ? 'custom_policy_check' : 'policy_check',
    );
  if (says.delete_source_branch_on_merge !== undefined)
    tell(
      'whether the branch is deleted is said in GitLab: Settings > Merge requests, or in the merge request itself',
      'delete_source_branch_on_merge',
    );
  if (says.silence_pr_comments !== undefined)
    tell(
      'there is one note, edited in place; `silence: [no-changes]` leaves projects without changes out of it',
      'silence_pr_comments',
    );
}

const ALWAYS_ASKED = ['mergeable', 'undiverged', 'policies_passed'];

function tellRequirements(
  key: 'apply_requirements' | 'import_requirements',
  requirements: readonly string[] | undefined,
  tell: Tell,
): void {
  if (requirements === undefined) return;
  if (requirements.length === 0)
    tell(`${key}: none; here every gate is asked before each apply, whatever a file says`, key);
  for (const [index, requirement] of requirements.entries()) {
    if (ALWAYS_ASKED.includes(requirement)) continue;
    tell(
      requirement === 'approved'
        ? 'approved: the approval is that of the JIRA ticket; approval rules of GitLab count too, through the gate `mergeable`'
        : `${requirement}: not a requirement that is known here; it was left out`,
      key,
      index,
    );
  }
}
