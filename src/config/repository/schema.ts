import { z } from 'zod';
import { repositoryCalendarSchema } from '../calendar-schema.ts';
import { pathPattern } from '../rule-schema.ts';
import { repositorySettings, settings } from './settings-schema.ts';
import { workflowName, workflowSchema } from './workflow-schema.ts';

const project = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_./-]{0,99}$/, 'expected letters, digits, dashes, dots and slashes')
    .exactOptional()
    .describe('What the project is called in comments (`-p`). Default: its folder, `:` and its workspace.'),
  dir: pathPattern.describe(
    'Its folder from the repository’s root (`.` is the root), or a pattern of folders.',
  ),
  ...settings,
});

const layer = z.strictObject({
  match: pathPattern.describe('The folders it is for, such as `fin/prod/**`.'),
  ...settings,
});

/** `countersign.yaml` as it is written. What it means is told in docs/configuration.md. */
export const repositoryFileSchema = z.strictObject({
  version: z.literal(1).describe('Version of this file’s format.'),
  ...repositorySettings,
  autodiscover: z
    .strictObject({
      mode: z
        .enum(['auto', 'enabled', 'disabled'])
        .default('auto')
        .describe('`auto`: only where no `projects` are listed. `enabled`: beside them. `disabled`: never.'),
      ignore: z.array(pathPattern).default([]).describe('Folders in which nothing is looked for.'),
    })
    .prefault({})
    .describe('Whether root modules that nobody lists are projects.'),
  defaults: z
    .array(layer)
    .max(500)
    .default([])
    .describe('Settings for all projects that fit a pattern; later layers win, key by key.'),
  projects: z
    .array(project)
    .max(5000)
    .default([])
    .describe('The projects, each a folder or a pattern of folders.'),
  workflows: z
    .record(workflowName, workflowSchema)
    .default({})
    .describe('Workflows of this repository, by name; the server says whether it may have any.'),
  calendar: repositoryCalendarSchema
    .prefault({})
    .describe('Change windows and freezes beside the server’s: they can only take away.'),
});

export type RepositoryFile = z.output<typeof repositoryFileSchema>;
