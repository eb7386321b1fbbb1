import { canonicalHash } from './canonical-hash.ts';
import type { CheckRef } from './plan-ref.ts';
import type { RedactedPlan } from './plan/redact.ts';

/** One security or policy question about a plan, as the server's configuration asks it. */
export interface CheckRule {
  /** Names the check in notes, tickets and evidence. */
  id: string;
  /** What `when` is asked about: each resource by itself, or the plan as a whole. */
  over: 'resource' | 'plan';
  /** CEL expression that is true where the rule is broken. */
  when: string;
  /** A `warning` is shown and blocks nothing. */
  severity: 'error' | 'warning';
  /** What a reader is told about each place where the rule is broken. */
  message: string;
  appliesTo: {
    /** Resource types; `*` stands for any characters. All when absent. */
    types?: readonly string[];
    /** Actions; all that change something when absent. */
    actions?: readonly ResourceAction[];
    /** Patterns of project folders. All when absent. */
    projects?: readonly string[];
  };
  /** Values that `when` reads as `params`. */
  params: Readonly<Record<string, unknown>>;
  /** `file:line:col` of the rule. */
  place: string;
}

export type ResourceAction = 'create' | 'update' | 'replace' | 'delete' | 'forget' | 'read' | 'no-op';

/** What checks look at: the plan as it may be shown, and the project it belongs to. */
export interface CheckSubject {
  plan: RedactedPlan;
  project: {
    key: string;
    dir: string;
    workspace: string;
    /** The code host's id of the repository. */
    repository: number;
    /** What the server says of the project's path, such as network, account and environment. */
    labels: Readonly<Record<string, string>>;
  };
}

/** One place where a check did not pass. */
export interface CheckFinding {
  /** Resource address, or `plan`. */
  where: string;
  /** `unknown`: the rule needs a value that is known only after apply, is hidden, or is not there. */
  result: 'fail' | 'unknown';
  message: string;
}

/** What a check came to. Only the first findings are kept; `found` counts them all. */
export interface CheckReport {
  name: string;
  severity: CheckRule['severity'];
  result: CheckRef['result'];
  /** Number of resources (or 1 for the plan) that were looked at. */
  examined: number;
  found: number;
  findings: readonly CheckFinding[];
}

/** The part of a report that an approval binds. */
export function checkRef({ name, result, ...rest }: CheckReport): CheckRef {
  return { name, result, digest: canonicalHash(rest) };
}
