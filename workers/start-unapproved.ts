import type { ConfirmedGlass } from '#domain/break-glass.ts';
import type { Change } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import { emergencyOnTicket } from '#messages/emergency.ts';
import { changeUrl, type WorkerContext } from './context.ts';

/**
 * Says on the ticket that it is applied without its approval, and moves it to Applying. What keeps JIRA from taking that
 * may be the emergency itself, so it stops nothing: the audit log has it all, and the ticket is asked afterwards. Only a
 * rejection stops it, whose reason is returned: no emergency overrules that.
 */
export async function startUnapproved(
  context: WorkerContext,
  change: Change,
  key: string,
  glass: ConfirmedGlass,
): Promise<string | undefined> {
  const { log, ticketing } = context;
  try {
    const told = emergencyOnTicket(glass, changeUrl(context, change));
    await ticketing.comment(key, `glass-${glass.noteId}-confirmed`, told);
    await ticketing.move(key, ['in-review', 'approved'], 'requested');
    const moved = await ticketing.move(key, ['requested', 'applying'], 'applying');
    if (moved.moved) return undefined;
    if (moved.status === 'rejected') return `ticket ${key} was rejected`;
    log.error({ approvalId: key, status: moved.status }, 'an emergency apply goes on without its ticket');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.error({ err: error, approvalId: key }, 'an emergency apply goes on without its ticket');
  }
  return undefined;
}
