import { z } from 'zod';
import { WAIVABLE } from '#domain/break-glass.ts';
import { pathPattern } from './rule-schema.ts';

/** What is provided for emergencies. Absent: nothing is, and nobody can break any glass. */
export const breakGlassSchema = z.strictObject({
  /** What people call it. It is on no ladder of tiers: nothing is ever of this tier by itself. */
  tier: z.string().min(1).max(40).default('emergency'),
  /** Project folders it is for; all when absent. */
  projects: z.array(pathPattern).min(1).exactOptional(),
  confirmWithinSeconds: z.int().min(30).max(86_400).default(900),
  confirmedBy: z
    .strictObject({
      roles: z.array(z.enum(['requester', 'reviewer', 'approver', 'operator'])).default([]),
      groups: z.array(z.string().min(1)).default([]),
    })
    .refine(({ groups, roles }) => groups.length + roles.length > 0, {
      error: 'expected roles, groups, or both',
    })
    .default({ roles: ['operator', 'approver'], groups: [] }),
  /** Working days within which what was applied has to be approved. */
  payWithinDays: z.int().min(1).max(30).default(2),
  blockWhileUnpaid: z.enum(['project', 'repository', 'all', 'never']).default('never'),
  waives: z
    .array(z.enum(WAIVABLE))
    .min(1)
    .default(['ticket-approved', 'approver-allowed', 'reviewed', 'change-window', 'not-frozen']),
});
