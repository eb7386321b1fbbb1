import { z } from 'zod';

/** What Atlantis takes for a text, a version such as 1.6 included. */
const text = z.union([z.string(), z.number()]).transform(String);
const texts = z.array(text);
/** Go's YAML reads `yes` and `on` as true where a boolean is expected. */
const flag = z.union([z.boolean(), z.stringbool()]);

const locks = z.looseObject({ mode: z.enum(['on_plan', 'on_apply', 'disabled']).exactOptional() });
const autodiscover = z.looseObject({
  mode: z.enum(['auto', 'enabled', 'disabled']).exactOptional(),
  ignore_paths: texts.exactOptional(),
});

const withArgs = z.looseObject({ extra_args: texts.default([]) });
const step = z.union([
  z.string(),
  z.looseObject({
    init: withArgs.exactOptional(),
    plan: withArgs.exactOptional(),
    apply: withArgs.exactOptional(),
    run: z
      .union([text.transform((command) => ({ command })), z.looseObject({ command: text })])
      .exactOptional(),
    env: z
      .looseObject({ name: text, value: text.exactOptional(), command: text.exactOptional() })
      .exactOptional(),
  }),
]);
const stage = z.looseObject({ steps: z.array(step).default([]) });
const workflow = z.looseObject({
  plan: stage.exactOptional(),
  apply: stage.exactOptional(),
  policy_check: stage.exactOptional(),
  import: stage.exactOptional(),
  state_rm: stage.exactOptional(),
});
const workflows = z.record(z.string(), workflow);

/** Keys that a project, a repository or both may set. */
const shared = {
  plan_requirements: texts.exactOptional(),
  apply_requirements: texts.exactOptional(),
  import_requirements: texts.exactOptional(),
  workflow: text.exactOptional(),
  repo_locking: flag.exactOptional(),
  repo_locks: locks.exactOptional(),
  policy_check: flag.exactOptional(),
  custom_policy_check: flag.exactOptional(),
  delete_source_branch_on_merge: flag.exactOptional(),
  silence_pr_comments: texts.exactOptional(),
};

const project = z.looseObject({
  ...shared,
  name: text.exactOptional(),
  branch: text.exactOptional(),
  dir: text,
  workspace: text.exactOptional(),
  terraform_version: text.exactOptional(),
  terraform_distribution: text.exactOptional(),
  autoplan: z
    .looseObject({ enabled: flag.exactOptional(), when_modified: texts.exactOptional() })
    .exactOptional(),
  execution_order_group: z.int().exactOptional(),
  depends_on: texts.exactOptional(),
});

const repositoryFile = z.looseObject({
  version: z.number().exactOptional(),
  automerge: flag.exactOptional(),
  autodiscover: autodiscover.exactOptional(),
  delete_source_branch_on_merge: flag.exactOptional(),
  parallel_plan: flag.exactOptional(),
  parallel_apply: flag.exactOptional(),
  abort_on_execution_order_fail: flag.exactOptional(),
  emoji_reaction: text.exactOptional(),
  allowed_regexp_prefixes: texts.exactOptional(),
  repo_locks: locks.exactOptional(),
  silence_pr_comments: texts.exactOptional(),
  projects: z.array(project).default([]),
  workflows: workflows.default({}),
});

const hook = z.looseObject({
  run: text,
  description: text.exactOptional(),
  commands: text.exactOptional(),
});

const repository = z.looseObject({
  ...shared,
  id: text,
  branch: text.exactOptional(),
  repo_config_file: text.exactOptional(),
  allowed_overrides: texts.exactOptional(),
  allowed_workflows: texts.exactOptional(),
  allow_custom_workflows: flag.exactOptional(),
  autodiscover: autodiscover.exactOptional(),
  pre_workflow_hooks: z.array(hook).exactOptional(),
  post_workflow_hooks: z.array(hook).exactOptional(),
});

const serverFile = z.looseObject({
  repos: z.array(repository).default([]),
  workflows: workflows.default({}),
  policies: z.unknown().exactOptional(),
  metrics: z.unknown().exactOptional(),
  team_authz: z.unknown().exactOptional(),
  external_stores: z.unknown().exactOptional(),
});

/** `atlantis.yaml`, versions 2 and 3, as far as it can be carried over; keys that nobody here knows are kept to be told. */
export const atlantisFileSchema = z.preprocess(withoutNulls, repositoryFile);
/** `repos.yaml`, the server's side of it. */
export const reposFileSchema = z.preprocess(withoutNulls, serverFile);

export type AtlantisFile = z.output<typeof repositoryFile>;
export type AtlantisProject = z.output<typeof project>;
export type AtlantisWorkflow = z.output<typeof workflow>;
export type AtlantisStep = z.output<typeof step>;
export type ReposFile = z.output<typeof serverFile>;
export type AtlantisRepository = z.output<typeof repository>;

/** Keys of each part that are understood; any other is told. */
export const KNOWN_KEYS = {
  file: Object.keys(repositoryFile.shape),
  project: Object.keys(project.shape),
  server: Object.keys(serverFile.shape),
  repository: Object.keys(repository.shape),
  workflow: Object.keys(workflow.shape),
} as const;

/** An empty key says nothing in Go's YAML. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)]])),
  );
}
