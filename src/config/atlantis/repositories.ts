import { plainWords } from './command-line.ts';
import { branchesOf } from './patterns.ts';
import { type AtlantisRepository, KNOWN_KEYS, type ReposFile } from './schema.ts';
import { tellShared } from './shared-keys.ts';
import { below, type Tell, tellUnknown } from './tell.ts';

/** What `repos.yaml` says of one repository: of the entries that fit, later ones win key by key. */
export interface EffectiveRepository {
  says: Partial<AtlantisRepository>;
  /** Tells with the place of the entry that had the last word on the key. */
  tell: Tell;
}

/** Hooks as the server's file writes them. */
export type WrittenHooks = Partial<
  Record<'prePlan' | 'postPlan' | 'preApply' | 'postApply', { name: string; command: string[] }[]>
>;

/**
 * The entries that are the repository's, one over the other.
 *
 * @param id the repository's full name, as in `gitlab.example.com/group/name`; without it the only entry with a name of
 * its own counts, and those that fit every name.
 */
export function effectiveRepository(
  { repos }: Pick<ReposFile, 'repos'>,
  id: string | undefined,
  tell: Tell,
): EffectiveRepository {
  const exact = repos.filter((repo) => !isExpression(repo.id));
  const name = id ?? (exact.length === 1 ? exact[0]?.id : undefined);
  const says: Record<string, unknown> = {};
  const from = new Map<PropertyKey, number>();
  for (const [index, repo] of repos.entries()) {
    const fits = fitsName(repo.id, name);
    if (fits === undefined)
      tell(
        `id: whether ${repo.id} is this repository is not known; run again with --id HOST/GROUP/NAME`,
        index,
        'id',
      );
    if (fits !== true) continue;
    tellUnknown(repo, KNOWN_KEYS.repository, below(tell, index));
    for (const [key, value] of Object.entries(repo)) {
      says[key] = value;
      from.set(key, index);
    }
  }
  return {
    says,
    tell: (what, key = 'id', ...rest) => tell(what, from.get(key) ?? 0, key, ...rest),
  };
}

/** The branches a repository is for, as patterns of ours; none when it is for all. */
export function branchesOfRepository({ says, tell }: EffectiveRepository): string[] | undefined {
  const branches = says.branch === undefined ? 'all' : branchesOf(says.branch);
  if (branches === undefined)
    tell(
      `branch: ${says.branch} is no list of names: write the branches into \`branches\` as patterns`,
      'branch',
    );
  return Array.isArray(branches) ? branches : undefined;
}

/** What of the repository is settled otherwise here. */
export function tellRepository({ says, tell }: EffectiveRepository): void {
  tellShared(says, tell);
  if (says.repo_config_file !== undefined)
    tell('the file is countersign.yaml at the root of the target branch', 'repo_config_file');
  for (const [index, key] of (says.allowed_overrides ?? []).entries())
    if (!['workflow', 'repo_locks', 'repo_locking'].includes(key))
      tell(
        `${key}: nothing that a repository could change here; gates hold whatever a file says`,
        'allowed_overrides',
        index,
      );
}

/** Hooks that need no shell; each runs with every run of a project instead of once for a merge request. */
export function hooksOf({ says, tell }: EffectiveRepository): WrittenHooks {
  const hooks: WrittenHooks = {};
  for (const key of ['pre_workflow_hooks', 'post_workflow_hooks'] as const)
    for (const [index, hook] of (says[key] ?? []).entries()) {
      const command = commandOf(hook.run);
      if (typeof command === 'string') tell(command, key, index, 'run');
      else {
        tell(
          'it runs with every plan and apply of a project, not once for a merge request',
          key,
          index,
          'run',
        );
        const name = hook.description ?? command[0]?.split('/').at(-1) ?? key;
        for (const phase of phasesOf(key, hook.commands)) (hooks[phase] ??= []).push({ name, command });
      }
    }
  return hooks;
}

/** The program and its arguments, or why there is none. */
function commandOf(line: string): string[] | string {
  if (/atlantis[-_.](?:config|yaml|yml)/.test(line))
    return 'it writes the list of projects: `autodiscover`, `defaults` and folder patterns say the same without a program';
  const words = plainWords(line);
  const [program = ''] = words ?? [];
  return words === undefined || (program.includes('/') && !program.startsWith('/'))
    ? 'there is no shell here, and no program of the merge request is run: put it into a script on the server and name the script'
    : words;
}

function phasesOf(key: 'pre_workflow_hooks' | 'post_workflow_hooks', commands = 'plan, apply') {
  const named = commands.split(/[\s,]+/);
  const [plan, apply] =
    key === 'pre_workflow_hooks' ? (['prePlan', 'preApply'] as const) : (['postPlan', 'postApply'] as const);
  return [...(named.includes('plan') ? [plan] : []), ...(named.includes('apply') ? [apply] : [])];
}

/** What the server's file says beside its repositories and workflows. */
export function tellServer(file: ReposFile, tell: Tell): void {
  tellUnknown(file, KNOWN_KEYS.server, tell);
  if (file.policies !== undefined)
    tell(
      'policies: conftest sets become rules, in policies/*.yaml or the server file; whoever may accept a failing one is an approver of the ticket',
      'policies',
    );
  if (file.metrics !== undefined)
    tell('metrics: Prometheus reads GET /metrics; there is no statsd', 'metrics');
  if (file.team_authz !== undefined)
    tell(
      'team_authz: who may ask for what is said in the server file, by role, access level and group',
      'team_authz',
    );
  if (file.external_stores !== undefined)
    tell('external_stores: plans are kept encrypted in the database, or in `bundleDir`', 'external_stores');
}

function isExpression(id: string): boolean {
  return id.length > 1 && id.startsWith('/') && id.endsWith('/');
}

/** `undefined`: not known without the repository's name. */
function fitsName(id: string, name: string | undefined): boolean | undefined {
  if (!isExpression(id)) return name === undefined ? undefined : id === name;
  const expression = id.slice(1, -1);
  if (/^\^?\.[*+]\$?$/.test(expression)) return true;
  if (name === undefined) return undefined;
  try {
    return new RegExp(expression).test(name);
  } catch {
    return undefined;
  }
}
