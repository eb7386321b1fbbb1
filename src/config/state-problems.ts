import { type StateProblem, stateProblems, stateReaders } from '#domain/state-place.ts';
import type { ResolvedProject } from './repository/resolve.ts';
import type { ConfigFile } from './schema.ts';

/** What is wrong with where the repository's projects keep their states, by key: each by its server's rule, and all together. */
export function stateProblemsOf(
  { terraform }: Pick<ConfigFile, 'terraform'>,
  repository: number,
  projects: readonly ResolvedProject[],
): Map<string, StateProblem[]> {
  const { stateKey, stateKeyRequired } = terraform;
  const owners = projects.map(ownerOf);
  const rule = stateKey === undefined ? undefined : { template: stateKey, required: stateKeyRequired };
  return stateProblems(owners, { repository, rule });
}

/** Keys of the projects whose state each project reads, by its key. */
export function stateReadersOf(projects: readonly ResolvedProject[]): Map<string, string[]> {
  return stateReaders(
    projects.map((project) => ({ ...ownerOf(project), remoteStates: project.root.remoteStates })),
  );
}

function ownerOf({ root: { backend }, settings, target: { key, dir, workspace } }: ResolvedProject) {
  return {
    key,
    dir,
    workspace,
    backend,
    partial: settings.workflow.plan.some(
      (each) => each.step === 'init' && each.extraArgs.some((arg) => arg.startsWith('-backend-config')),
    ),
  };
}
