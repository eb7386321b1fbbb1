import type { NamedWorkflow } from './named-workflows.ts';
import type { WrittenProject } from './projects.ts';
import { branchesOfRepository, type EffectiveRepository } from './repositories.ts';

/** The repository's entry in the server's file: what Atlantis' server said of it, and leave for what its own file says. */
export function repositoryEntry(
  repository: EffectiveRepository,
  projects: readonly WrittenProject[],
  workflows: ReadonlyMap<string, NamedWorkflow>,
  { holdFrom, own }: { holdFrom: 'plan' | 'apply'; own: object },
) {
  const { says } = repository;
  const branches = branchesOfRepository(repository);
  const given = workflows.get(says.workflow ?? 'default');
  const chosen = new Set(projects.flatMap(({ workflow }) => workflow ?? []));
  const allowed = (says.allowed_workflows ?? []).flatMap((name) => workflows.get(name)?.name ?? []);
  const names = [...new Set([...allowed, ...chosen])].filter(
    (name) => !Object.hasOwn(own, name) && name !== given?.name,
  );
  const settings = [
    ...(projects.some(({ workspaces }) => workspaces !== undefined) ? ['workspaces'] : []),
    ...(projects.some(({ terraform }) => terraform !== undefined) ? ['terraform'] : []),
    ...(holdFrom === 'plan' && projects.some((project) => project.holdFrom === 'apply') ? ['holdFrom'] : []),
    ...(Object.keys(own).length > 0 ? ['workflows'] : []),
  ];
  const allow = {
    ...(settings.length === 0 ? {} : { settings }),
    ...(names.length === 0 ? {} : { workflows: names }),
  };
  return {
    id: 1,
    ...(branches === undefined ? {} : { branches }),
    projects: [
      {
        match: '**',
        applyOn: 'command',
        holdFrom,
        ...(given?.name === undefined || Object.hasOwn(own, given.name) ? {} : { workflow: given.name }),
        ...(Object.keys(allow).length === 0 ? {} : { allow }),
      },
    ],
  };
}
