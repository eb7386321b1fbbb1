import { z } from 'zod';

/** GitLab's answers, reduced to the fields that are used. Shapes: https://docs.gitlab.com/api/ */

export const user = z.object({ id: z.number(), username: z.string() });

export const tokenFacts = z.object({
  scopes: z.array(z.string()),
  active: z.boolean(),
  expires_at: z.string().nullish(),
});

export const mergeRequest = z.object({
  iid: z.number(),
  title: z.string(),
  description: z.string().nullish(),
  state: z.string(),
  draft: z.boolean().optional(),
  work_in_progress: z.boolean().optional(),
  author: user,
  source_project_id: z.number().nullish(),
  source_branch: z.string(),
  target_branch: z.string(),
  sha: z.string().nullish(),
  merge_commit_sha: z.string().nullish(),
  squash_commit_sha: z.string().nullish(),
  detailed_merge_status: z.string().optional(),
  merge_error: z.string().nullish(),
  head_pipeline: z
    .object({
      id: z.number(),
      project_id: z.number().optional(),
      sha: z.string(),
      ref: z.string(),
      status: z.string(),
    })
    .nullish(),
  updated_at: z.string(),
  web_url: z.string(),
  /** `full` is the path of the target project, `!` and the iid. */
  references: z.object({ full: z.string() }).optional(),
});
export type MergeRequest = z.infer<typeof mergeRequest>;

export const listedMergeRequest = z.object({
  iid: z.number(),
  sha: z.string().nullish(),
  state: z.string(),
  target_branch: z.string(),
  description: z.string().nullish(),
});

export const branch = z.object({
  commit: z.object({ id: z.string() }),
  protected: z.boolean(),
  developers_can_push: z.boolean(),
});

export const member = z.object({
  id: z.number(),
  username: z.string(),
  state: z.string(),
  access_level: z.number(),
  expires_at: z.string().nullish(),
});

export const approvals = z.object({
  approved_by: z.array(
    z.object({
      user: z.object({ id: z.number(), username: z.string() }),
      /** Older servers do not tell. */
      approved_at: z.string().nullish(),
    }),
  ),
});

export const diffVersion = z.object({ id: z.number(), head_commit_sha: z.string(), created_at: z.string() });

export const pushEvent = z.object({
  author_id: z.number().nullish(),
  push_data: z
    .object({
      ref: z.string().nullish(),
      ref_type: z.string().optional(),
      commit_from: z.string().nullish(),
      commit_to: z.string().nullish(),
      /** Set when one push moved so many refs that GitLab kept only their number. */
      ref_count: z.number().nullish(),
    })
    .optional(),
});

export const commitStatus = z.object({
  name: z.string(),
  status: z.string(),
  pipeline_id: z.number().nullish(),
  allow_failure: z.boolean().optional(),
  target_url: z.string().nullish(),
  author: user.partial().nullish(),
});
export type CommitStatus = z.infer<typeof commitStatus>;

export const note = z.object({
  id: z.number(),
  body: z.string(),
  author: user,
  system: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
  commands_changes: z.record(z.string(), z.unknown()).optional(),
});
export type Note = z.infer<typeof note>;

export const tag = z.object({
  name: z.string(),
  message: z.string().nullish(),
  target: z.string().nullish(),
  commit: z.object({ id: z.string() }),
});

export const commit = z.object({ id: z.string() });

/** A merge request as the answer that made it, or a list, tells it. */
export const openedMergeRequest = z.object({
  iid: z.number(),
  web_url: z.string(),
  author: z.object({ id: z.number() }),
});

export const protectedTag = z.object({
  name: z.string(),
  create_access_levels: z.array(
    z.object({ access_level: z.number().nullish(), user_id: z.number().nullish() }),
  ),
});
