import type { PlanRequest } from '#app/ports/terraform.ts';
import type { Change } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import type { Configured } from './configured-project.ts';
import type { WorkerContext } from './context.ts';

/** What terraform is asked to plan: a project of the change at its revision, as it is configured. */
export async function planRequest(
  { settings, source }: WorkerContext,
  change: Change,
  project: Project,
  configured: Configured,
): Promise<PlanRequest> {
  const { repository } = change.mergeRequest;
  const headSha = change.revision?.headSha ?? '';
  const { varFiles, binary, workflow, hooks } = configured.project.settings;
  return {
    folderKey: folderKeyOf(change, project),
    dir: project.dir,
    workspace: project.workspace,
    materialize: (target) => source.materialize(repository, headSha, project.inputPaths, target),
    variables: variablesOf(change, project),
    varFiles,
    binary,
    workflow,
    hooks,
    adjustments: project.adjustments ?? [],
    credentials: await settings.credentials(repository, project.dir, 'plan'),
    limits: settings.limits('plan'),
  };
}

/** The same for plan and apply of one project at one revision: absolute paths end up in plans. */
export function folderKeyOf(change: Change, project: { key: string }): string {
  return `${change.id}/${change.revision?.number ?? 0}/${project.key}`;
}

function variablesOf({ ticket }: Change, { declaresApprovalId }: Project): Record<string, string> {
  return declaresApprovalId && 'key' in ticket ? { approval_id: ticket.key } : {};
}
