/** The headings of a work plan: why, what it does to others, how it is taken back, and when. */
export const WORK_PLAN_SECTIONS = ['reason', 'impact', 'fall-back', 'window'] as const;
export type WorkPlanSection = (typeof WORK_PLAN_SECTIONS)[number];

/** A way to take part in a change. */
export type Part =
  | 'requester'
  | 'commit-author'
  | 'committer'
  | 'pusher'
  | 'reviewer'
  | 'approver'
  | 'operator';

/** Two parts that one person may not both have. */
export type Exclusion = readonly [Part, Part];

/** So many people, each of one of the groups. */
export interface ApprovalStep {
  /** Names the step in notes, tickets and evidence. */
  id: string;
  /** Names of groups of the directory; empty: anybody with the role approver. */
  from: readonly string[];
  count: number;
}

/** What has to be there before one project's plan may be applied: its tier, why it is that one, and what the server says of it. */
export interface Demand {
  tier: string;
  /** Place of the tier on the server's ladder; 0 is the lightest. */
  rank: number;
  /** Why it is this tier and no lighter one. */
  reasons: readonly string[];
  /** Approved in advance where a standing approval covers it. */
  standing?: true;
  approvals: readonly ApprovalStep[];
  /** The steps are taken in their order; otherwise in any. */
  inOrder?: true;
  /** Seconds after which an approval has to be given again. */
  approvalValidSeconds: number;
  /** Sections that the work plan may not lack. */
  workPlan: readonly WorkPlanSection[];
  /** So many approvals of the merge request itself by people with the role reviewer. */
  reviews: number;
  /** Beside those that always hold; see `ALWAYS_EXCLUDED`. */
  exclusions: readonly Exclusion[];
  /** Seconds in review after which approvers are reminded, and after which others are told. */
  remindAfterSeconds?: number;
  escalate?: { afterSeconds: number; to: readonly string[] };
}

/** What no configuration can allow. */
export const ALWAYS_EXCLUDED: readonly Exclusion[] = [
  ['requester', 'approver'],
  ['commit-author', 'approver'],
  ['committer', 'approver'],
  ['pusher', 'approver'],
  ['requester', 'operator'],
];

/** Where nothing is configured: one approver, and what is approved today is applied today. */
export const DEFAULT_DEMAND: Demand = {
  tier: 'normal',
  rank: 0,
  reasons: [],
  approvals: [{ id: 'approver', from: [], count: 1 }],
  approvalValidSeconds: 24 * 3600,
  workPlan: [],
  reviews: 0,
  exclusions: [],
};

/** What all plans of one approval demand together: the gravest tier, and whatever any of them asks for. */
export function demandOfAll(demands: readonly Demand[]): Demand {
  const [first = DEFAULT_DEMAND, ...rest] = demands.toSorted((a, b) => b.rank - a.rank);
  return rest.reduce(both, first);
}

function both(graver: Demand, other: Demand): Demand {
  const { standing: _, ...rest } = graver;
  const reminders = [graver.remindAfterSeconds, other.remindAfterSeconds].filter(
    (each) => each !== undefined,
  );
  const escalations = [graver.escalate, other.escalate].filter((each) => each !== undefined);
  return {
    ...rest,
    reasons: unique([...graver.reasons, ...(other.rank === graver.rank ? other.reasons : [])]),
    ...(graver.standing === true && other.standing === true ? { standing: true } : {}),
    approvals: mergedSteps(graver.approvals, beside(graver.approvals, other.approvals)),
    ...(graver.inOrder === true || other.inOrder === true ? { inOrder: true } : {}),
    approvalValidSeconds: Math.min(graver.approvalValidSeconds, other.approvalValidSeconds),
    workPlan: WORK_PLAN_SECTIONS.filter(
      (section) => graver.workPlan.includes(section) || other.workPlan.includes(section),
    ),
    reviews: Math.max(graver.reviews, other.reviews),
    exclusions: [
      ...new Map([...graver.exclusions, ...other.exclusions].map((each) => [each.join(), each])).values(),
    ],
    ...(reminders.length === 0 ? {} : { remindAfterSeconds: Math.min(...reminders) }),
    ...(escalations.length === 0 ? {} : { escalate: soonest(escalations) }),
  };
}

/** Where so many people approve anyway, nobody else is wanted for a step that anybody may take. */
function beside(steps: readonly ApprovalStep[], others: readonly ApprovalStep[]): readonly ApprovalStep[] {
  const people = steps.reduce((sum, { count }) => sum + count, 0);
  return others.filter(({ from, count }) => from.length > 0 || count > people);
}

/** A step of both is one step; of the same name and with other groups, each is taken by itself. */
export function mergedSteps(a: readonly ApprovalStep[], b: readonly ApprovalStep[]): ApprovalStep[] {
  const steps = new Map<string, ApprovalStep>();
  for (const step of [...a, ...b]) {
    const key = `${step.id} ${step.from.toSorted().join(' ')}`;
    const known = steps.get(key);
    steps.set(key, known === undefined || known.count < step.count ? step : known);
  }
  return [...steps.values()];
}

function soonest(escalations: readonly NonNullable<Demand['escalate']>[]): NonNullable<Demand['escalate']> {
  return {
    afterSeconds: Math.min(...escalations.map(({ afterSeconds }) => afterSeconds)),
    to: unique(escalations.flatMap(({ to }) => to)),
  };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
