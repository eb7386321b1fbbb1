import type { Project } from './project.ts';

/** A plan of it is on its way. */
export function isBeingPlanned({ status }: Pick<Project, 'status'>): boolean {
  return status === 'planning' || status === 'opening-ticket';
}
