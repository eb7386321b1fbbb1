import { z } from 'zod';
import { pathPattern } from '../rule-schema.ts';
import { tierName } from '../tier-schema.ts';
import { workflowName } from './workflow-schema.ts';

const repositoryPath = z
  .string()
  .regex(
    /^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/\0\n][^\0\n]*(?<!\/)$/,
    'expected a path from the repository’s root, such as common.tfvars',
  );

export const workspaceName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,89}$/,
    'expected a terraform workspace name of at most 90 characters',
  );

export const applyOnSchema = z.enum(['approval', 'command', 'merge']);
export const holdFromSchema = z.enum(['plan', 'apply']);

export const binarySchema = z.strictObject({
  distribution: z.enum(['terraform', 'tofu']).exactOptional().describe('Which of the two runs it.'),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+(?:-[0-9a-z.]+)?$/, 'expected an exact version such as 1.11.4')
    .exactOptional()
    .describe('The exact version that runs it.'),
});

/** Patterns become regular expressions; with more wildcards than anybody needs, matching could take for ever. */
function isQuick(pattern: string): boolean {
  const segments = pattern.split('/');
  return (
    segments.filter((each) => each === '**').length <= 6 &&
    segments.every((each) => each === '**' || each.split('*').length <= 4)
  );
}

const branchPattern = pathPattern.describe('A branch or a pattern such as `release/*`.');

/** What may be said of a project: by the project itself, and by a layer of defaults for all that fit it. */
export const settings = {
  workspaces: z
    .array(workspaceName)
    .min(1)
    .exactOptional()
    .describe('Terraform workspaces; each is a project of its own. Default: what the server says.'),
  terraform: binarySchema.exactOptional().describe('What runs it. Default: what the server runs.'),
  varFiles: z
    .array(repositoryPath)
    .max(50)
    .exactOptional()
    .describe('Var files for plan, from the repository’s root; later ones win.'),
  whenModified: z
    .array(
      z
        .string()
        .min(1)
        .max(500)
        .refine(isQuick, 'expected at most three `*` in a segment, and six `**` in all'),
    )
    .min(1)
    .max(100)
    .exactOptional()
    .describe(
      'Patterns in .gitignore syntax, relative to the project’s folder, of files whose change makes it planned; `../` leads out of the folder. Its modules and what it reads count in any case. Default: every file of the folder.',
    ),
  autoplan: z.boolean().exactOptional().describe('`false`: planned only when a comment asks for it.'),
  dependsOn: z
    .array(z.string().min(1).max(300))
    .max(100)
    .exactOptional()
    .describe('Names or keys of projects that are applied before it.'),
  orderGroup: z
    .int()
    .min(-1000)
    .max(1000)
    .exactOptional()
    .describe('Projects of a lower group are applied before those of a higher one. Default: 0.'),
  workflow: workflowName.exactOptional().describe('A workflow of this file or of the server’s.'),
  tier: tierName
    .exactOptional()
    .describe('The approval tier at least; rules may raise it. What a tier demands is said by the server.'),
  labels: z
    .record(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/, 'expected a label'), z.string().max(200))
    .exactOptional()
    .describe('Labels that rules read.'),
  applyOn: applyOnSchema
    .exactOptional()
    .describe(
      'When it is applied once every gate holds: by itself after `approval`, on an operator’s `command`, or when people `merge`.',
    ),
  holdFrom: holdFromSchema
    .exactOptional()
    .describe('From when on the project belongs to one merge request alone: its `plan` or its `apply`.'),
};

export type LayerSettings = z.output<z.ZodObject<typeof settings, z.core.$strict>>;
export type SettingName = keyof typeof settings;

/** What may be said of a repository as a whole. */
export const repositorySettings = {
  branches: z
    .array(branchPattern)
    .min(1)
    .exactOptional()
    .describe('Target branches whose merge requests are planned. Default: all that the server allows.'),
  drafts: z
    .enum(['ignore', 'plan'])
    .exactOptional()
    .describe('Whether drafts are planned. Default: `ignore`.'),
  mergeAfterApply: z
    .boolean()
    .exactOptional()
    .describe('Whether the merge request is merged once all of it is applied. Default: `true`.'),
  silence: z
    .array(z.enum(['no-projects', 'fork', 'draft', 'branch', 'no-changes']))
    .exactOptional()
    .describe(
      'What is kept quiet about: merge requests that touch no project, that come from forks, that are drafts, that go to other branches; projects without changes.',
    ),
  projectStatuses: z
    .boolean()
    .exactOptional()
    .describe('One commit status for each project beside the one of the change. Default: `false`.'),
  volatile: z
    .array(z.string().min(1).max(300))
    .max(100)
    .exactOptional()
    .describe(
      'Attributes whose differences are noise, such as `tags.LastApplied` or `tags_all.*`: resources that differ in nothing else are folded away apart. Default: none.',
    ),
  parallelism: z
    .int()
    .min(1)
    .max(1000)
    .exactOptional()
    .describe('Most plans of one merge request at once. Default: as many as there are workers.'),
};
