import type { Change } from './change.ts';
import type { OperatorGrant, StandingApproval } from './mandate.ts';
import { matchesPath } from './path-match.ts';
import type { PlanCounts, PlanRef } from './plan-ref.ts';
import type { Project } from './project.ts';

/** One use of a mandate; `at` is RFC 3339. */
export interface MandateUse {
  changeId: string;
  at: string;
}

type Planned = Pick<Project, 'key' | 'dir'> & { plan: PlanRef };

/** How long uses count against `changesPerDay`. */
const DAY_MS = 24 * 3_600_000;

/** What a use of a standing approval comes to, beside its limits. */
export interface Counted {
  changes: number;
  resources: number;
  destroys: number;
  replaces: number;
}

/** Counts a change as the limits of a standing approval do; it itself is among the changes of the last 24 hours. */
export function countFor(
  change: Pick<Change, 'id'>,
  planned: readonly Planned[],
  uses: readonly MandateUse[],
  at: string,
): Counted {
  const since = Date.parse(at) - DAY_MS;
  const lately = uses.filter((use) => Date.parse(use.at) > since).map(({ changeId }) => changeId);
  const sum = (of: (counts: PlanCounts) => number) =>
    planned.reduce((total, { plan }) => total + of(plan.counts), 0);
  return {
    changes: new Set([...lately, change.id]).size,
    resources: sum(
      (each) => each.create + each.update + each.delete + each.replace + each.import + each.forget,
    ),
    destroys: sum((each) => each.delete + each.forget),
    replaces: sum((each) => each.replace),
  };
}

/** Why a standing approval does not cover the plans of a change, one reason each; none when it does. */
export function uncovered(
  terms: StandingApproval,
  { mergeRequest }: Pick<Change, 'mergeRequest'>,
  planned: readonly Planned[],
  counted: Counted,
): string[] {
  const reasons: string[] = [];
  if (terms.repository !== undefined && terms.repository !== mergeRequest.repository)
    reasons.push('it is for another repository');
  const outside = planned.filter(({ dir }) => !fits(terms.projects, dir));
  if (outside.length > 0) reasons.push(`it is not for ${outside.map(({ key }) => key).join(', ')}`);
  const others = planned.filter(({ plan }) => plan.demand.tier !== terms.tier);
  if (others.length > 0)
    reasons.push(
      `it is for tier ${terms.tier}, and ${others.map(({ key, plan }) => `${key} is of tier ${plan.demand.tier}`).join(', ')}`,
    );
  const { changesPerDay, destroys, replaces, resourcesPerChange } = terms.most;
  if (changesPerDay !== undefined && counted.changes > changesPerDay)
    reasons.push(
      `${changesPerDay} ${changesPerDay === 1 ? 'change' : 'changes'} within 24 hours, as many as it allows, went already`,
    );
  if (resourcesPerChange !== undefined && counted.resources > resourcesPerChange)
    reasons.push(`${counted.resources} resources are touched, and it allows ${resourcesPerChange}`);
  if (counted.destroys > destroys)
    reasons.push(`${counted.destroys} would be destroyed or forgotten, and it allows ${allowed(destroys)}`);
  if (counted.replaces > replaces)
    reasons.push(`${counted.replaces} would be replaced, and it allows ${allowed(replaces)}`);
  return reasons;
}

/** Whether somebody's granted rights reach a project. */
export function reaches(
  terms: Pick<OperatorGrant, 'projects' | 'repository'>,
  repository: number,
  dir: string,
): boolean {
  return (terms.repository === undefined || terms.repository === repository) && fits(terms.projects, dir);
}

function fits(patterns: readonly string[], dir: string): boolean {
  return patterns.some((pattern) => matchesPath(pattern, dir));
}

function allowed(most: number): string {
  return most === 0 ? 'none' : String(most);
}
