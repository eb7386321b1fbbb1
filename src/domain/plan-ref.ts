import { canonicalHash } from './canonical-hash.ts';
import type { Demand } from './demand.ts';
import type { WorkPlan } from './work-plan.ts';

/** Resource counts of a plan by what would be done. */
export interface PlanCounts {
  create: number;
  update: number;
  delete: number;
  replace: number;
  import: number;
  move: number;
  forget: number;
  outputs: number;
}

/** One check of a plan, as much of it as an approval binds. */
export interface CheckRef {
  name: string;
  result: 'pass' | 'fail' | 'unknown';
  /** SHA-256 of the check's findings. */
  digest: string;
}

/** What the core knows of a finished plan: its status, digests and counts, never its content. */
export interface PlanRef {
  planRunId: string;
  digest: string;
  counts: PlanCounts;
  checks: readonly CheckRef[];
  /** What an approval of it needs, as it was decided when it was planned. */
  demand: Demand;
  policyHash: string;
  configurationHash: string;
  terraformVersion: string;
  lockFileHash: string;
  /** Providers by address, each with its version; the lock file binds them. */
  providers?: Readonly<Record<string, string>>;
  moduleTreeHash: string;
  inputsId: string;
  headSha: string;
  /** Run binding: what this very run saw and stored. */
  bundleHash: string;
  state: { lineage: string; serial: string } | 'none';
  plannedAt: string;
}

/** The elements an approval binds for one project. Equal tuples are the same change. */
export interface TupleElement {
  project: string;
  headSha: string;
  inputsId: string;
  digest: string;
  moduleTreeHash: string;
  lockFileHash: string;
  terraformVersion: string;
  policyHash: string;
  configurationHash: string;
  checks: readonly CheckRef[];
  /** What the tier demands is part of the configuration; which it is, the plan decides. */
  tier: string;
}

/** The approved tuple's part for one project (design: "What an approval binds"). */
export function tupleElement(project: string, plan: PlanRef): TupleElement {
  return {
    project,
    headSha: plan.headSha,
    inputsId: plan.inputsId,
    digest: plan.digest,
    moduleTreeHash: plan.moduleTreeHash,
    lockFileHash: plan.lockFileHash,
    terraformVersion: plan.terraformVersion,
    policyHash: plan.policyHash,
    configurationHash: plan.configurationHash,
    checks: plan.checks,
    tier: plan.demand.tier,
  };
}

/** All that an approval binds. */
export interface Tuple {
  mergeRequest: { repository: number; iid: number };
  /** SHA-256 of the work plan's sections; null when there are none. */
  workPlan: string | null;
  /** In order of their keys. */
  projects: readonly TupleElement[];
}

/** The tuple of a merge request's work plan and projects. */
export function tupleOf(
  mergeRequest: Tuple['mergeRequest'],
  workPlan: WorkPlan,
  elements: readonly TupleElement[],
): Tuple {
  const projects = [...elements].sort((a, b) => (a.project < b.project ? -1 : 1));
  return { mergeRequest, workPlan: workPlan.hash ?? null, projects };
}

/** SHA-256 (hex) over the canonical tuple. */
export function tupleHash(tuple: Tuple): string {
  return canonicalHash(tuple);
}
