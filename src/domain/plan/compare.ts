import { canonicalHash } from '../canonical-hash.ts';
import type { OutputSummary, PlanSummary, ResourceSummary } from './summarize.ts';

/** A plan as it was made: what may be shown of it, and the digest over all of it. */
export interface ComparedPlan {
  digest: string;
  summary: PlanSummary;
}

/** What one plan would do that another of the same project would not. */
export interface PlanDifference {
  /** Nothing differs at all, the hidden parts included. */
  isEqual: boolean;
  /** Only in the later plan. */
  added: ResourceSummary[];
  /** Only in the earlier plan. */
  dropped: ResourceSummary[];
  /** In both, with another effect. */
  changed: { before: ResourceSummary; after: ResourceSummary }[];
  outputs: { name: string; before: OutputSummary | undefined; after: OutputSummary | undefined }[];
  /** Resources that both plans treat alike. */
  same: number;
}

/** Compares two plans of a project, resource by resource; each is named by its address and, where deposed, its object. */
export function comparePlans(before: ComparedPlan, after: ComparedPlan): PlanDifference {
  const earlier = new Map(before.summary.resources.map((each) => [nameOf(each), each]));
  const later = new Map(after.summary.resources.map((each) => [nameOf(each), each]));
  const both = [...later].flatMap(([name, now]) => {
    const was = earlier.get(name);
    return was === undefined ? [] : [{ before: was, after: now }];
  });
  const changed = both.filter((each) => !isSame(each.before, each.after));
  return {
    isEqual: before.digest === after.digest,
    added: [...later].filter(([name]) => !earlier.has(name)).map(([, each]) => each),
    dropped: [...earlier].filter(([name]) => !later.has(name)).map(([, each]) => each),
    changed,
    outputs: compareOutputs(before.summary.outputs, after.summary.outputs),
    same: both.length - changed.length,
  };
}

/** Whether the difference lies in what may not be shown: secrets, provisioners, the code of modules. */
export function differsUnseen({ isEqual, added, dropped, changed, outputs }: PlanDifference): boolean {
  return !isEqual && added.length + dropped.length + changed.length + outputs.length === 0;
}

function compareOutputs(
  before: readonly OutputSummary[],
  after: readonly OutputSummary[],
): PlanDifference['outputs'] {
  const names = new Set([...before, ...after].map(({ name }) => name));
  return [...names]
    .map((name) => ({
      name,
      before: before.find((each) => each.name === name),
      after: after.find((each) => each.name === name),
    }))
    .filter((each) => !isSame(each.before, each.after));
}

function nameOf({ address, deposed }: ResourceSummary): string {
  return deposed === undefined ? address : `${address} (deposed object ${deposed})`;
}

function isSame(a: ResourceSummary | OutputSummary | undefined, b: typeof a): boolean {
  return canonicalHash(a ?? null) === canonicalHash(b ?? null);
}
