import type { Change } from '#domain/change.ts';
import { changeStatus } from '#domain/change-status.ts';

/** Whether the repository does not want to hear of this change at all, as long as nothing was ever told of it. */
export function keepsQuiet(change: Change): boolean {
  const silence = change.telling?.silence ?? [];
  const status = changeStatus(change);
  if (status === 'nothing-touched') return silence.includes('no-projects');
  return status === 'not-admitted' && silence.some((about) => about === change.notAdmitted?.code);
}
