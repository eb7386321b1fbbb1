import type { Project } from './project.ts';

/** Approved, and kept back by nothing but the time: every gate that says no says until when. */
export function isEarly(project: Project): boolean {
  return (
    project.status === 'blocked' &&
    project.reasons.length > 0 &&
    project.reasons.every(({ until }) => until !== undefined)
  );
}
