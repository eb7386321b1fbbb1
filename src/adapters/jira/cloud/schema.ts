import { z } from 'zod';

/** JIRA's answers, reduced to the fields that are used. Shapes: Jira Cloud platform REST API v3 */

export const account = z.object({ accountId: z.string() });

/** Deleted and anonymised people lack most of this; what is missing is then not a person who may decide. */
const mover = z.object({
  accountId: z.string().optional(),
  accountType: z.string().optional(),
  displayName: z.string().optional(),
  active: z.boolean().optional(),
});

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
  author: mover.optional(),
  created: z.string(),
  items: z.array(
    z.object({
      field: z.string().optional(),
      fieldId: z.string().optional(),
      from: z.string().nullish(),
      to: z.string().nullish(),
    }),
  ),
});
export type History = z.infer<typeof history>;

export const changelogPage = z.object({
  startAt: z.number(),
  total: z.number(),
  isLast: z.boolean().optional(),
  values: z.array(z.unknown()),
});

export const transitions = z.object({
  transitions: z.array(z.object({ id: z.string(), name: z.string(), to: z.object({ id: z.string() }) })),
});

export const created = z.object({ id: z.string(), key: z.string() });

export const searchPage = z.object({
  issues: z.array(
    z.object({
      id: z.string(),
      key: z.string(),
      fields: z.object({ creator: mover.nullish() }).partial().optional(),
    }),
  ),
  nextPageToken: z.string().nullish(),
  isLast: z.boolean().optional(),
});

export const attachments = z.object({
  fields: z.object({
    attachment: z.array(z.object({ filename: z.string(), size: z.number(), author: mover.optional() })),
  }),
});

export const groupPage = z.object({ isLast: z.boolean(), values: z.array(mover) });

export const commentPage = z.object({
  total: z.number(),
  comments: z.array(z.object({ id: z.string(), author: mover.optional(), body: z.unknown() })),
});
