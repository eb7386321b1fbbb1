import type { ApplyCommand, Project } from './project.ts';

/** The command by which a project is applied, is about to be if its gates say yes, or waits for its time. */
export function commandOf(project: Project): ApplyCommand | undefined {
  if (project.status === 'gating')
    return project.purpose.kind === 'apply' ? project.purpose.command : undefined;
  if (project.status === 'applying') return project.command;
  return 'ordered' in project ? project.ordered : undefined;
}

/** Whether its command waits for its time; while the gates are asked once more, it does as before. */
export function isOrdered(project: Project): boolean {
  const mayWait =
    project.status !== 'applying' && (project.status !== 'gating' || project.standing !== undefined);
  return mayWait && commandOf(project) !== undefined;
}
