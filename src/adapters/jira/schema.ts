import { z } from 'zod';

/** JIRA's answers, reduced to the fields that are used, where both flavours agree. */

export const BINDING = 'countersign.binding';

export const issue = z.object({
  id: z.string(),
  key: z.string(),
  fields: z.object({
    status: z.object({ id: z.string() }),
    project: z.object({ key: z.string() }),
    issuetype: z.object({ id: z.string(), name: z.string() }),
  }),
  properties: z.record(z.string(), z.unknown()).optional(),
});
export type Issue = z.infer<typeof issue>;

export const binding = z.object({
  changeId: z.string(),
  revision: z.number(),
  tupleHash: z.string(),
  round: z.number().optional(),
});

export const history = z.object({
  id: z.string(),
  author: z.unknown(),
  created: z.string(),
  items: z.array(
    z.object({
      field: z.string().optional(),
      fieldId: z.string().optional(),
      fieldtype: z.string().optional(),
      from: z.string().nullish(),
      to: z.string().nullish(),
    }),
  ),
});

export type History = z.infer<typeof history>;

export const transitions = z.object({
  transitions: z.array(z.object({ id: z.string(), to: z.object({ id: z.string() }) })),
});

export const created = z.object({ id: z.string(), key: z.string() });

export const foundIssue = z.object({
  id: z.string(),
  key: z.string(),
  fields: z.object({ creator: z.unknown(), summary: z.string().optional() }).partial().optional(),
});

export const attachments = z.object({
  fields: z.object({
    attachment: z.array(z.object({ filename: z.string(), size: z.number(), author: z.unknown() })),
  }),
});

export const commentPage = z.object({
  total: z.number(),
  comments: z.array(z.object({ id: z.string(), author: z.unknown(), body: z.unknown() })),
});

export const userPage = z.object({ isLast: z.boolean(), values: z.array(z.unknown()) });

export const heldPermissions = z.object({
  permissions: z.record(z.string(), z.object({ havePermission: z.boolean() })),
});
