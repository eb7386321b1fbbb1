import { z } from 'zod';
import { authSchema } from './auth-schema.ts';
import { directorySchema } from './directory-schema.ts';
import { calendarSchema } from './calendar-schema.ts';
import { breakGlassSchema } from './emergency-schema.ts';
import { jiraSchema } from './jira-schema.ts';
import { mandatesSchema } from './mandate-terms.ts';
import { serverHookSchema, serverRepositorySchema } from './repository/server-schema.ts';
import { serverWorkflowSchema, workflowName } from './repository/workflow-schema.ts';
import { pathPattern, ruleEntrySchema } from './rule-schema.ts';
import { file, seconds, segment, twoAtMost, url } from './schema-parts.ts';
import { terraformSchema } from './terraform-schema.ts';
import { exclusionSchema, moduleSchema, tierRuleEntrySchema, tierSchema } from './tier-schema.ts';

const bytes = z.int().positive('expected a number of bytes');
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable');
const http = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(8080),
  /** Addresses of reverse proxies whose `X-Forwarded-For` is believed. */
  trustedProxies: z.array(z.string()).default([]),
});

const commandRule = z
  .strictObject({
    verbs: z
      .array(
        z.enum([
          'plan',
          'apply',
          'confirm',
          'rollback',
          'cancel',
          'unlock',
          'resolve',
          'status',
          'why',
          'diff',
          'version',
          'import',
          'state-rm',
        ]),
      )
      .min(1),
    groups: z
      .array(
        z
          .string()
          .regex(/^[\w.-]+(\/[\w.-]+)*$/, 'expected the full path of a group such as infra/operators'),
      )
      .default([]),
    accessLevel: z.int().min(10).max(50).exactOptional(),
    projects: z.array(pathPattern).min(1).exactOptional(),
  })
  .refine(({ groups, accessLevel }) => groups.length > 0 || accessLevel !== undefined, {
    path: ['groups'],
    error: 'expected groups, an accessLevel, or both',
  });

const gitlab = z.strictObject({
  url,
  tokenFile: file,
  cloneTokenFile: file,
  hooks: z
    .array(
      z.strictObject({
        segment,
        repositories: z.array(z.int().positive()).min(1),
        signingTokenFiles: twoAtMost,
        tokenFiles: twoAtMost,
      }),
    )
    .default([]),
  /** Least access levels (30 developer, 40 maintainer) for a plan and for every other command. */
  accessLevels: z
    .strictObject({ plan: z.int().min(10).max(50).default(30), apply: z.int().min(10).max(50).default(40) })
    .prefault({}),
  /** Commands that not everybody may give who may give the others; every rule about a command counts. */
  commands: z.array(commandRule).default([]),
  /** `atlantis plan` in a comment counts as `countersign plan`, for repositories that move over. */
  understandsAtlantis: z.boolean().default(false),
});

const variables = z.record(variable, z.union([z.string(), z.strictObject({ file })]));
const credentials = z.strictObject({
  /** Absent: every repository. */
  repository: z.int().positive().exactOptional(),
  match: pathPattern,
  plan: variables.default({}),
  apply: variables.default({}),
});

const gates = z.strictObject({
  planMaxAgeSeconds: seconds.default(24 * 3600),
  pipelineRequired: z.boolean().default(false),
  /** What a move of the target branch takes an approval back for: `inputs` of the change's projects, or `any` move. */
  voidedBy: z.enum(['inputs', 'any']).default('inputs'),
  /** Pairs of parts that one person may not both have, beside those that nothing can allow. */
  exclusions: z.array(exclusionSchema).default([]),
});

/** The server's file as it is written. What it means is told in docs/configuration.md. */
export const configSchema = z.strictObject({
  mode: z.enum(['demo', 'production']),
  externalUrl: url,
  http: http.prefault({}),
  gitlab,
  jira: jiraSchema,
  repositories: z.array(serverRepositorySchema).min(1),
  workflows: z.record(workflowName, serverWorkflowSchema).default({}),
  hooks: z.array(serverHookSchema).default([]),
  credentials: z.array(credentials).default([]),
  terraform: terraformSchema,
  gates: gates.prefault({}),
  breakGlass: breakGlassSchema.exactOptional(),
  mandates: mandatesSchema.prefault({}),
  rules: z.array(ruleEntrySchema).default([]),
  /** From the lightest to the gravest. */
  tiers: z
    .array(tierSchema)
    .min(1)
    .prefault([{ name: 'normal' }]),
  tierRules: z.array(tierRuleEntrySchema).default([]),
  /** Change windows and freezes. */
  calendar: calendarSchema.prefault({}),
  /** Modules that somebody reviewed. */
  modules: z.array(moduleSchema).default([]),
  /** May be left out when LDAP has everybody. */
  people: file.exactOptional(),
  directory: directorySchema,
  audit: z.strictObject({ signerKeyFile: file, checkpointEverySeconds: seconds.default(300) }),
  keys: z.strictObject({
    planDigestKeyFile: file,
    /** The first seals; all open. */
    bundleKeyFiles: z.array(file).min(1).max(2),
  }),
  sweep: z.strictObject({ everySeconds: seconds.default(60) }).prefault({}),
  auth: authSchema,
  workers: z
    .strictObject({
      /** Absent: one for each core. */
      plans: z.int().positive().exactOptional(),
      /** Memory for all plans together, and what one of them is taken to need. */
      plansMemoryBytes: bytes.exactOptional(),
      planMemoryBytes: bytes.default(1024 ** 3),
      applies: z.int().positive().default(4),
      effects: z.int().positive().default(8),
      /** A worker silent for longer loses its jobs to another. */
      leaseSeconds: seconds.default(20),
      /** An apply silent for longer is taken for lost, and a person is called. */
      attemptSilentSeconds: z.int().min(5, 'expected at least 5 seconds').default(60),
    })
    .prefault({}),
  spoolDir: z.string().min(1),
  bundleDir: z.string().min(1).exactOptional(),
});

export type ConfigFile = z.output<typeof configSchema>;
