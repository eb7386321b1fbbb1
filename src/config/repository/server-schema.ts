import { z } from 'zod';
import { pathPattern } from '../rule-schema.ts';
import { tierName } from '../tier-schema.ts';
import {
  applyOnSchema,
  binarySchema,
  holdFromSchema,
  repositorySettings,
  workspaceName,
} from './settings-schema.ts';
import { hookPhases, workflowName } from './workflow-schema.ts';

/** What a repository may set itself only where the server says so; stricter values of `applyOn` and `holdFrom` are free. */
export const RESERVED = ['applyOn', 'holdFrom', 'labels', 'terraform', 'workspaces', 'workflows'] as const;

const entry = z.strictObject({
  match: pathPattern,
  applyOn: applyOnSchema,
  holdFrom: holdFromSchema.default('apply'),
  workspaces: z.array(workspaceName).min(1).default(['default']),
  varFiles: z.array(z.string().min(1)).default([]),
  labels: z.record(z.string(), z.string()).default({}),
  terraform: binarySchema.prefault({}),
  workflow: workflowName.exactOptional(),
  /** Absent: the lightest that is not standing. */
  tier: tierName.exactOptional(),
  /** What the repository's own `countersign.yaml` may decide for these projects. */
  allow: z
    .strictObject({
      settings: z.array(z.enum(RESERVED)).default([]),
      workflows: z.array(workflowName).default([]),
      tiers: z.array(tierName).default([]),
    })
    .prefault({}),
});

/** A repository in the server's file. Its own `countersign.yaml` comes on top of this and may not weaken it. */
export const serverRepositorySchema = z.strictObject({
  /** The code host's numeric project id. */
  id: z.int().positive(),
  ...repositorySettings,
  forks: z.enum(['refuse', 'plan']).default('refuse'),
  projects: z.array(entry).min(1),
});

/** Programs that run around every plan or apply of the projects that fit. */
export const serverHookSchema = z.strictObject({
  /** Absent: every repository. */
  repository: z.int().positive().exactOptional(),
  match: pathPattern,
  ...hookPhases,
});

export type ServerRepository = z.output<typeof serverRepositorySchema>;
export type ServerEntry = ServerRepository['projects'][number];
