import type { TicketStatus } from '#domain/fact.ts';
import { hasStatus, isUnclear } from './fault.ts';
import { readMoves, readStatus } from './read-ticket.ts';
import type { JiraSite } from './site.ts';

export type MoveAnswer =
  | { moved: true; moveId: string }
  | { moved: false; status: TicketStatus; reason: string };

/**
 * Moves the ticket as a compare-and-set: the workflow's transition starts at one status, so JIRA refuses it (400, 409)
 * when somebody else moved the ticket in between. What JIRA took has happened, even if somebody moved the ticket on at
 * once; whatever else it answered, what counts is the changelog's last move: ours, from where it should, to where it
 * should; that of an earlier try as well.
 */
export async function moveTicket(
  site: JiraSite,
  key: string,
  from: readonly TicketStatus[],
  to: TicketStatus,
): Promise<MoveAnswer> {
  const status = await readStatus(site, key);
  if (status === undefined)
    return { moved: false, status: 'other', reason: `${key} is gone or hidden from us` };
  const said = from.includes(status) ? await attempt(site, key, status, to) : undefined;
  const [moves, self] = [await readMoves(site, key), await site.self()];
  const last = moves.at(-1);
  const taken = said?.taken === true;
  const found = (taken ? moves.filter(({ account }) => account === self) : moves).at(-1);
  if (found?.account === self && found.to === to && from.includes(found.from))
    return { moved: true, moveId: found.id };
  if (said?.unclear !== undefined) throw said.unclear;
  const now = last?.to ?? status;
  return { moved: false, status: now, reason: said?.reason ?? `${key} is ${now}, not ${from.join(' or ')}` };
}

/** Tries the transition; returns what JIRA had against it, or the fault after which nobody knows. */
async function attempt(
  site: JiraSite,
  key: string,
  from: TicketStatus,
  to: TicketStatus,
): Promise<{ taken?: true; reason?: string; unclear?: Error }> {
  if (to === 'other') throw new Error('a ticket is moved to a configured status only');
  const wanted = site.options.statusIds[to];
  // Ids and names of transitions differ between workflows; where one leads to does not.
  const found = (await site.transitions(key)).find((each) => each.to === wanted);
  if (found === undefined) {
    return {
      reason: `the workflow offers our account no transition from ${from} to ${to} (status ${wanted})`,
    };
  }
  try {
    await site.transition(key, found.id);
    return { taken: true };
  } catch (error) {
    if (isUnclear(error)) return { unclear: error };
    if (!hasStatus(error, 400, 403, 404, 409, 422)) throw error;
    return { reason: error.message };
  }
}
