import type { Change } from './change.ts';
import type { StandingApproval, Terms } from './mandate.ts';
import { matchesPath } from './path-match.ts';
import type { PlanCounts, PlanRef } from './plan-ref.ts';
import type { Project } from './project.ts';

/** One use of a mandate; `at` is RFC 3339. */
export interface MandateUse {
  /** What it counts as, see `countedAs`. */
  as: string;
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

/**
 * What a change counts as within 24 hours: its ticket. What is pushed once an attempt has started has a ticket of its own, so
 * that nobody gets around the limit by going on and on with one merge request; projects, waves and tries again are one.
 */
export function countedAs({ id, ticket }: Pick<Change, 'id' | 'ticket'>): string {
  return 'key' in ticket ? ticket.key : id;
}

/** Counts a change as the limits of a standing approval do; it itself is among the changes of the last 24 hours. */
export function countFor(
  change: Pick<Change, 'id' | 'ticket'>,
  planned: readonly Planned[],
  uses: readonly MandateUse[],
  at: string,
): Counted {
  const since = Date.parse(at) - DAY_MS;
  const lately = uses.filter((use) => Date.parse(use.at) > since).map((use) => use.as);
  const sum = (of: (counts: PlanCounts) => number) =>
    planned.reduce((total, { plan }) => total + of(plan.counts), 0);
  return {
    changes: new Set([...lately, countedAs(change)]).size,
    resources: sum(
      (each) => each.create + each.update + each.delete + each.replace + each.import + each.forget,
    ),
    destroys: sum((each) => each.delete + each.forget),
    replaces: sum((each) => each.replace),
  };
}

/** Whether a standing approval is about such plans at all: of this repository, these folders, this tier. */
export function isAbout(
  terms: StandingApproval,
  { mergeRequest }: Pick<Change, 'mergeRequest'>,
  planned: readonly Planned[],
): boolean {
  return planned.every(
    ({ dir, plan }) => plan.demand.tier === terms.tier && reaches(terms, mergeRequest.repository, dir),
  );
}

/** Which limits of a standing approval a change is past, in words; none when it is within all of them. */
export function pastLimits({ most }: StandingApproval, counted: Counted): string[] {
  const { changesPerDay, destroys, replaces, resourcesPerChange } = most;
  const reasons: string[] = [];
  if (changesPerDay !== undefined && counted.changes > changesPerDay)
    reasons.push(`${changesPerDay} a day, as many changes as it allows, went within 24 hours already`);
  if (resourcesPerChange !== undefined && counted.resources > resourcesPerChange)
    reasons.push(`${counted.resources} resources are touched, and it allows ${resourcesPerChange}`);
  if (counted.destroys > destroys)
    reasons.push(`${counted.destroys} would be destroyed or forgotten, and it allows ${allowed(destroys)}`);
  if (counted.replaces > replaces)
    reasons.push(`${counted.replaces} would be replaced, and it allows ${allowed(replaces)}`);
  return reasons;
}

/** Whether a mandate reaches a project. */
export function reaches(
  terms: Pick<Terms, 'projects' | 'repository'>,
  repository: number,
  dir: string,
): boolean {
  if (terms.repository !== undefined && terms.repository !== repository) return false;
  return terms.projects.some((pattern) => matchesPath(pattern, dir));
}

function allowed(most: number): string {
  return most === 0 ? 'none' : String(most);
}
