import { z } from 'zod';
import { isPathPattern } from '#domain/path-match.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes');
const action = z.enum(['create', 'update', 'replace', 'delete', 'forget', 'read', 'no-op']);

export const pathPattern = z
  .string()
  .refine(
    isPathPattern,
    'expected a path pattern such as "fin/prod/**": `*` within a segment, `**` for any segments',
  );

const appliesTo = z.strictObject({
  types: z
    .array(z.string().regex(/^[a-z0-9_*]+$/, 'expected a resource type such as "aws_*"'))
    .min(1)
    .exactOptional(),
  actions: z.array(action).min(1).exactOptional(),
  projects: z.array(pathPattern).min(1).exactOptional(),
});
const severity = z.enum(['error', 'warning']);
const params = z.record(z.string(), z.json());

/** A rule as it is written in a rules file or inline. */
export const ruleSchema = z.strictObject({
  id: name,
  over: z.enum(['resource', 'plan']).default('resource'),
  when: z.string().min(1).max(10_000),
  severity: severity.default('error'),
  message: z.string().min(1).max(500),
  appliesTo: appliesTo.prefault({}),
  params: params.prefault({}),
});

export const ruleFileSchema = z.strictObject({ rules: z.array(ruleSchema) });

/** An entry of `rules` in the server's file: a rule, a file of rules, or a shipped rule with its own values. */
export const ruleEntrySchema = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({
    shipped: name,
    severity: severity.exactOptional(),
    appliesTo: appliesTo.exactOptional(),
    params: params.exactOptional(),
  }),
  ruleSchema,
]);

export type RuleEntry = z.output<typeof ruleEntrySchema>;
