import { z } from 'zod';
import { WORK_PLAN_SECTIONS } from '#domain/demand.ts';
import { pathPattern } from './rule-schema.ts';

const seconds = z.int().positive('expected a number of seconds');
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes');
const group = z.string().min(1).max(200);
const day = z.iso.date('expected a day such as 2026-12-31');

export const tierName = name;

const part = z.enum([
  'requester',
  'commit-author',
  'committer',
  'pusher',
  'reviewer',
  'approver',
  'operator',
]);

/** Two parts that one person may not both have. */
export const exclusionSchema = z.tuple([part, part]);

const approval = z
  .strictObject({
    /** Names the step in notes, tickets and evidence. */
    id: z.string().min(1).max(100).exactOptional(),
    /** Groups of the directory; empty: anybody with the role approver. */
    from: z.array(group).max(20).default([]),
    count: z.int().min(1).max(20).default(1),
    /** The step is there for projects that have all of these labels; for every project when absent. */
    labels: z.record(z.string(), z.string()).exactOptional(),
  })
  .transform(({ id, ...rest }) => ({
    id: id ?? (rest.from.length === 0 ? 'approver' : rest.from.join(' or ')),
    ...rest,
  }));

const onlyTrue = z.literal(true, 'expected true, or nothing').exactOptional();

/** A rung of the ladder `tiers`. */
export const tierSchema = z.strictObject({
  name: tierName,
  /** Applied without waiting where a standing approval covers it. */
  standing: onlyTrue,
  approvals: z
    .array(approval)
    .min(1, 'expected at least one step: nothing is applied without an approval')
    .max(20)
    .prefault([{}]),
  /** The steps are taken in their order. */
  inOrder: onlyTrue,
  approvalValidSeconds: seconds.default(24 * 3600),
  workPlan: z.array(z.enum(WORK_PLAN_SECTIONS)).default([]),
  /** Approvals of the merge request itself by people with the role reviewer. */
  reviews: z.int().min(0).max(20).default(0),
  exclusions: z.array(exclusionSchema).default([]),
  remindAfterSeconds: seconds.exactOptional(),
  escalate: z.strictObject({ afterSeconds: seconds, to: z.array(group).min(1) }).exactOptional(),
});

const appliesTo = z.strictObject({ projects: z.array(pathPattern).min(1).exactOptional() });
const params = z.record(z.string(), z.json());

const ruleParts = {
  id: name,
  when: z.string().min(1).max(10_000),
  message: z.string().min(1).max(300),
  appliesTo: appliesTo.prefault({}),
  params: params.prefault({}),
};

/** A rule that raises plans to a tier. */
export const tierRuleSchema = z.strictObject({ ...ruleParts, tier: tierName });

/** A rule that comes with Countersign; which tier it raises to, the server's file says. */
export const shippedTierRuleSchema = z.strictObject({ ...ruleParts });

/** An entry of `tierRules` in the server's file. */
export const tierRuleEntrySchema = z.union([
  z.strictObject({
    shipped: name,
    tier: tierName,
    appliesTo: appliesTo.exactOptional(),
    params: params.exactOptional(),
  }),
  tierRuleSchema,
]);

export type TierRuleEntry = z.output<typeof tierRuleEntrySchema>;

/** An entry of the register `modules`: who reviewed what, and for how long that holds. */
export const moduleSchema = z
  .strictObject({
    source: z.string().min(1).max(500),
    version: z.string().min(1).max(200).exactOptional(),
    hash: z
      .string()
      .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'expected git’s id of it in full')
      .exactOptional(),
    repository: z.int().positive().exactOptional(),
    reviewedBy: z.string().min(1).max(200),
    reviewedAt: day,
    until: day,
  })
  .refine(({ reviewedAt, until }) => reviewedAt <= until, {
    path: ['until'],
    error: 'expected a day after `reviewedAt`',
  })
  .refine(({ source, hash, repository }) => !startsLocal(source) || (hash ?? repository) !== undefined, {
    path: ['source'],
    error:
      'of a folder expected the `repository` it is in or the `hash` of its tree: every repository may have one of that name',
  });

/** Whether it names folders of a repository, as they are or by a pattern, and not what a registry has. */
function startsLocal(source: string): boolean {
  return /^[.*]/.test(source);
}
