import type { Change } from '#domain/change.ts';
import { isForecast } from '#domain/waves.ts';
import { plural } from './counts.ts';

/** What the note says first while projects are being planned. */
export interface Verdict {
  headline: string;
  next: string;
}

/** A later wave is planned again once the one in front of it is applied: its results may change what it reads. */
export function planningVerdict(change: Change, names: string): Verdict {
  const isLater = change.projects.some(({ status, wave }) => status === 'planning' && wave === change.wave);
  if (!isLater || !isFrontApplied(change)) {
    return {
      headline: 'Planning.',
      next: `A plan is being made for ${names}; this note will show the result.`,
    };
  }
  return {
    headline: `Wave ${change.wave} of ${wavesOf(change)} is applied.`,
    next: `${names} ${names.includes(',') ? 'are' : 'is'} planned again on its results. If the plan is the one that was approved, it goes on by itself; if not, the ticket goes back to review with the difference.`,
  };
}

/** " wave 2 of 3"; nothing for a change without dependencies. */
export function ofWave(change: Change): string {
  const waves = wavesOf(change);
  return waves === 1 ? '' : ` wave ${change.wave + 1} of ${waves}`;
}

/** Why a ticket is in review again although a wave of it is applied; ends with a space. */
export function cameBack(change: Change): string {
  if (!isFrontApplied(change)) return '';
  return `Wave ${change.wave} of ${wavesOf(change)} is applied; the plan of wave ${change.wave + 1} is another one than was approved. `;
}

/** What an approver has to know about later waves; begins with a space. */
export function forecasts(change: Change): string {
  const later = change.projects.filter((project) => isForecast(change, project));
  if (later.length === 0) return '';
  const { length } = later;
  return ` ${plural(length, 'project')} of later waves ${length === 1 ? 'is' : 'are'} shown as a forecast, and planned again once the wave in front is applied.`;
}

function isFrontApplied({ projects, wave }: Change): boolean {
  return projects.some((project) => project.wave < wave && project.status === 'applied');
}

function wavesOf({ projects }: Change): number {
  return 1 + Math.max(0, ...projects.map(({ wave }) => wave));
}
