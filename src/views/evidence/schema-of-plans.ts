import { z } from 'zod';
import { hash, strings, text, time } from './schema-words.ts';

/* What was planned, and what was found of the plans. */

const state = z.union([z.literal('none'), z.strictObject({ lineage: text, serial: text })]);
const counts = z.strictObject({
  create: z.int(),
  update: z.int(),
  delete: z.int(),
  replace: z.int(),
  import: z.int(),
  move: z.int(),
  forget: z.int(),
  outputs: z.int(),
});

const plan = z.strictObject({
  project: text,
  planRunId: text,
  digest: hash.describe('Over all that would be done; what an approval binds.'),
  bundleSha256: hash.describe('Over the saved plan and all that was written beside it.'),
  counts,
  replaced: strings,
  destroyed: strings,
  redactedPlan: z
    .strictObject({ sha256: hash, text })
    .optional()
    .describe('As an approver could read it: secrets masked.'),
  terraformVersion: text,
  providers: z.record(text, text).describe('Versions by address.'),
  lockFileHash: hash,
  moduleTreeHash: hash,
  inputsId: hash,
  configurationHash: hash,
  policyHash: hash,
  stateBefore: state,
  plannedAt: time,
});

export const what = z.strictObject({
  repository: z.int(),
  revision: z
    .strictObject({
      number: z.int(),
      headSha: text,
      baseSha: text,
      sourceBranch: text,
      targetBranch: text,
      targetSha: text,
      openedAt: time,
      configurationHash: hash,
    })
    .optional(),
  commitAuthors: strings.describe('E-mail addresses.'),
  committers: strings,
  pushers: z.array(z.int()).nullable().describe('GitLab ids; null when GitLab does not tell of all of them.'),
  adjustments: z
    .array(
      z.strictObject({
        project: text,
        kind: z.enum(['import', 'forget']),
        address: text,
        id: text.optional().describe('Of the object that is imported.'),
        by: z.strictObject({ gitlabId: z.int(), username: text }),
        comment: z.int().describe('Id of the comment in the merge request.'),
      }),
    )
    .describe('What comments had done to states beside what the code says.'),
  plans: z.array(plan),
});

export const check = z.strictObject({
  project: text,
  name: text,
  severity: text,
  result: z.enum(['pass', 'fail', 'unknown']),
  examined: z.int(),
  found: z.int(),
  findings: z.array(z.strictObject({ where: text, result: text, message: text })),
  digest: hash.describe('Over the findings; part of what is approved.'),
  input: hash.describe('Digest of the plan that was examined.'),
  policyHash: hash,
  at: time.optional(),
});

export const gates = z.strictObject({
  project: text,
  evaluationId: text,
  at: time,
  go: z.boolean(),
  results: z.array(
    z.strictObject({
      gate: text,
      answer: z.enum(['yes', 'no', 'unknown']),
      reason: text,
      evidence: z.record(text, z.unknown()).describe('What the gate looked at.'),
    }),
  ),
});
