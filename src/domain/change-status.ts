import type { Change } from './change.ts';
import type { ProjectStatus } from './project.ts';
import { isForecast } from './waves.ts';

export type ChangeStatus = ProjectStatus | 'new' | 'not-admitted' | 'nothing-touched';

/** What a change is waiting for first: its least advanced project decides, trouble before progress. */
const ORDER: readonly ProjectStatus[] = [
  'apply-interrupted',
  'apply-failed',
  'applying',
  'plan-failed',
  'opening-ticket',
  'planning',
  'held',
  'rejected',
  'expired',
  'gating',
  'blocked',
  'awaiting-approval',
  'ready',
  'applied',
  'applied-unmerged',
  'released',
  'cancelled',
  'closed',
  'merged',
  'no-changes',
];

/** The change's status, derived from its projects'. A forecast says nothing of it while the wave in front is not done. */
export function changeStatus(change: Change): ChangeStatus {
  const upToNow = change.projects.filter((project) => !isForecast(change, project));
  const counted = upToNow.some(({ status }) => status !== 'no-changes') ? upToNow : change.projects;
  const present = new Set(counted.map(({ status }) => status));
  const first = ORDER.find((status) => present.has(status));
  if (change.merge.status === 'merged' && (first === undefined || first === 'no-changes')) return 'merged';
  if (change.merge.status === 'closed' && (first === undefined || first === 'no-changes')) return 'closed';
  if (first !== undefined) return first;
  if (change.notAdmitted !== undefined) return 'not-admitted';
  return change.revision === undefined ? 'new' : 'nothing-touched';
}
