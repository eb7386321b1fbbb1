import { z } from 'zod';
import { check, gates, what } from './schema-of-plans.ts';
import { hash, index, strings, text, time } from './schema-words.ts';

/*
 * What is on record of one change, for whoever has to be shown it. Groups are always there; of their members those that
 * exist at the change's stage. Times are RFC 3339 UTC, hashes hex. Indexes are of the audit log, where each is proved.
 */

const identity = z.strictObject({
  changeId: text,
  status: text.describe('Where the change stands.'),
  approvalId: text.optional().describe('Key of the ticket that carries, or carried, the approval.'),
  earlierApprovalIds: strings,
  type: z
    .enum(['standard', 'normal', 'emergency'])
    .describe('Standard: approved in advance. Emergency: the glass was broken, approved afterwards.'),
  tier: text.optional(),
  tierReasons: strings,
  mergeRequest: z.strictObject({ repository: z.int(), iid: z.int(), url: text }),
  projects: z.array(
    z.strictObject({
      key: text,
      dir: text,
      workspace: text,
      status: text,
      labels: z.record(text, text).describe('Such as network, env, account and category.'),
    }),
  ),
});

const why = z.strictObject({
  title: text,
  description: text,
  workPlan: z.strictObject({
    reason: text.optional(),
    impact: text.optional(),
    fallBack: text.optional(),
    window: text.optional(),
  }),
  workPlanHash: hash.optional(),
});

const asThen = {
  person: text.optional().describe('Id in the directory; absent when nobody knew them.'),
  name: text.optional(),
  roles: strings,
  groups: strings.describe('As of that moment.'),
};

const who = z.strictObject({
  requester: z.strictObject({ gitlabId: z.int(), username: text, name: text.optional() }),
  parts: z
    .array(
      z.strictObject({
        part: text,
        key: text.describe('Where the identity comes from, such as "gitlabId 12".'),
        people: strings.describe('Ids in the directory.'),
        adjusted: z.literal(true).optional().describe('By comments that had the state adjusted.'),
        insteadOf: strings.optional(),
      }),
    )
    .describe('Everybody who took part, as the gates told them apart when they were asked last.'),
  approvers: z.array(
    z.strictObject({
      ...asThen,
      account: text.describe('Account in JIRA.'),
      insteadOf: strings,
      unseenSources: strings.describe('Parts of the directory that did not answer then.'),
      move: text,
      at: time,
    }),
  ),
  operators: z.array(
    z.strictObject({
      ...asThen,
      gitlabId: z.int(),
      username: text,
      accessLevel: z.int(),
      verb: text,
      comment: z.int().describe('Id of the comment in the merge request.'),
      refused: z.boolean(),
      at: time,
      entry: index,
    }),
  ),
});

const decision = z.strictObject({
  kind: z.enum(['none', 'decided', 'standing', 'break-glass']),
  tuple: z
    .strictObject({
      hash,
      round: z.int(),
      key: text,
      content: z.record(text, z.unknown()),
      entry: index,
    })
    .optional()
    .describe('Exactly what was put in front of the approver last.'),
  decisions: z.array(
    z.strictObject({
      approvalId: text,
      decision: z.enum(['approved', 'rejected']),
      counts: z.boolean().describe('Something was, or may be, applied on it.'),
      account: text,
      decidedAt: time.describe("By the ticket system's clock."),
      heardAt: time.describe("By the database's clock."),
      expiresAt: time.optional(),
      tupleHash: text.optional().describe('To what the ticket was bound, as it said.'),
      changelogEntry: z.record(text, z.unknown()).describe('As read, with the SHA-256 of what was fetched.'),
      entry: index,
    }),
  ),
  voided: z.array(z.strictObject({ what: text, why: text, at: time, entry: index })),
  mandate: z.record(text, z.unknown()).optional().describe('The standing approval that covers it.'),
  breakGlass: z.record(text, z.unknown()).optional(),
  exclusions: z
    .array(
      z.strictObject({
        project: text,
        parts: strings,
        keys: strings,
        people: z.array(strings),
        verdict: text,
      }),
    )
    .describe('Each two who may not be one person, compared.'),
});

const attempt = z.strictObject({
  id: text,
  project: text,
  approvalId: text.optional(),
  planRunId: text,
  bundleSha256: hash,
  runner: z.strictObject({ host: text.optional(), bootId: text.optional(), isolation: text.optional() }),
  claimedAt: time,
  startedAt: time.optional(),
  endedAt: time.optional(),
  status: text,
  outcome: text.optional(),
  reason: text.optional(),
  serialBefore: text.optional(),
  serialAfter: text.optional(),
  logDigest: hash.optional().describe('SHA-256 over what terraform printed.'),
  resolution: z.strictObject({ as: text, reason: text.optional() }).optional(),
  entries: z.strictObject({ claimed: index.optional(), started: index.optional(), ended: index.optional() }),
});

const execution = z.strictObject({
  attempts: z.array(attempt),
  release: z
    .strictObject({
      tag: text,
      sha: text,
      object: text.optional().describe("Id of the tag's own git object."),
      at: time,
      entry: index,
    })
    .optional(),
  tagsSeen: z
    .array(
      z.strictObject({
        tag: text,
        standing: z.enum(['as-recorded', 'moved', 'gone', 'unrecorded']),
        sha: text.optional().describe('Where it led then.'),
        at: time,
        entry: index,
      }),
    )
    .optional()
    .describe('When a release tag was found moved, deleted, made without a release, or put right again.'),
});

const after = z.strictObject({
  verifications: z
    .array(
      z.strictObject({
        project: text,
        attemptId: text,
        result: z.record(text, z.unknown()),
        at: time,
        entry: index,
      }),
    )
    .describe('A plan made after the apply: clean when nothing was left to do.'),
  merge: z.strictObject({ sha: text.optional(), at: time, entry: index }).optional(),
  differingAfterMerge: strings
    .optional()
    .describe('Projects whose inputs on the target are not those applied.'),
  closed: z.strictObject({ approvalId: text, at: time, entry: index }).optional(),
  links: z.array(z.strictObject({ what: text, url: text })),
  audit: z.strictObject({
    entries: z.array(index).describe('Every entry about this change.'),
    checkpoint: z
      .strictObject({ size: z.int(), root: hash, at: time, note: text })
      .optional()
      .describe('The newest signed head of the log; it covers every entry below its size.'),
  }),
});

/** The evidence record of one change. */
export const evidenceSchema = z.strictObject({
  schema: z.literal('countersign-evidence/1'),
  identity,
  why,
  what,
  checks: z.array(check),
  gates: z.array(gates),
  who,
  decision,
  execution,
  after,
});

export type Evidence = z.output<typeof evidenceSchema>;
