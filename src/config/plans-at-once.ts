import type { ConfigFile } from './schema.ts';

/**
 * How many plans one worker process runs at once: what is configured, otherwise one for each core (a plan with a large
 * provider keeps a core busy; more at once finish no sooner), and never more than the memory given to plans has room for.
 * At least one.
 */
export function plansAtOnce(
  { plans, planMemoryBytes, plansMemoryBytes }: ConfigFile['workers'],
  cores: number,
): number {
  const wanted = plans ?? Math.max(2, cores);
  const room = plansMemoryBytes === undefined ? wanted : Math.floor(plansMemoryBytes / planMemoryBytes);
  return Math.max(1, Math.min(wanted, room));
}
