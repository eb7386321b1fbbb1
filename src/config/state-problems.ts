import { type StateProblem, stateProblems } from '#domain/state-place.ts';
import type { ResolvedProject } from './repository/resolve.ts';
import type { ConfigFile } from './schema.ts';

/** What is wrong with where the repository's projects keep their states, by key: each by its server's rule, and all together. */
export function stateProblemsOf(
  { terraform }: Pick<ConfigFile, 'terraform'>,
  repository: number,
  projects: readonly ResolvedProject[],
): Map<string, StateProblem[]> {
  const { stateKey, stateKeyRequired } = terraform;
  const owners = projects.map(({ root: { backend }, settings, target: { key, dir, workspace } }) => ({
    key,
    dir,
    workspace,
    backend,
    partial: settings.workflow.plan.some(
      (each) => each.step === 'init' && each.extraArgs.some((arg) => arg.startsWith('-backend-config')),
    ),
  }));
  const rule = stateKey === undefined ? undefined : { template: stateKey, required: stateKeyRequired };
  return stateProblems(owners, { repository, rule });
}
