import { z } from 'zod';
import { ruleSchema } from './rule-schema.ts';
import { tierRuleSchema } from './tier-schema.ts';

/** A file of `policies/` in a repository: rules beside the server's. */
export const policyFileSchema = z.strictObject({
  rules: z.array(ruleSchema).default([]),
  tierRules: z.array(tierRuleSchema).default([]),
});
