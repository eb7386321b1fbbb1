import { setTimeout as pause } from 'node:timers/promises';
import { TIMEOUT_MS } from './attempts.ts';
import { isLate, JiraFault } from './fault.ts';
import type { JiraSite } from './site.ts';

/**
 * Sends what must not be there twice and has no key that JIRA would know it by. JIRA may be at a write still that it did
 * not answer in time; whoever tries again before it is done finds nothing, and makes a second one. So what the write
 * leaves behind is looked for, for as long again as its answer was waited for (20 s at most), before the fault is told.
 */
export async function sendOnce(
  { options: { timeoutMs = TIMEOUT_MS } }: JiraSite,
  send: () => Promise<void>,
  isThere: () => Promise<boolean>,
): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!isLate(error) || !(await appears(isThere, Math.min(timeoutMs, TIMEOUT_MS)))) throw error;
  }
}

async function appears(isThere: () => Promise<boolean>, patienceMs: number): Promise<boolean> {
  const begun = performance.now();
  for (let next = 250; ; next = Math.min(next * 2, 5_000)) {
    const left = patienceMs - (performance.now() - begun);
    if (left <= 0) return false;
    await pause(Math.min(next, left));
    if (await orNot(isThere)) return true;
  }
}

/** What cannot be looked at does not tell; whatever went wrong first is the news. */
async function orNot(isThere: () => Promise<boolean>): Promise<boolean> {
  try {
    return await isThere();
  } catch (error) {
    if (error instanceof JiraFault) return false;
    throw error;
  }
}
