import type { Actor } from '#domain/audit/actor.ts';
import { Fault } from '#domain/fault.ts';
import type { TicketStatus } from '#domain/fact.ts';
import type { Mandate } from '#domain/mandate.ts';
import type { TicketBlock } from '#domain/ticket-document.ts';
import type { Ticketing } from '../ports/ticketing.ts';
import type { MandateBooks } from './books.ts';

export interface EndingDesk {
  books: Pick<MandateBooks, 'end'>;
  ticketing: Pick<Ticketing, 'comment' | 'move'>;
  comment: (reason: string) => TicketBlock[];
}

const OPEN: readonly TicketStatus[] = ['requested', 'in-review', 'approved'];

/**
 * Ends a mandate: from the entry in the books on nothing more is done under it; its ticket is closed after that, with the
 * reason. May be called again after an unclear outcome; false when it was over before.
 *
 * @param as what becomes of its ticket: `superseded` when somebody ended it, `expired` when its time was over.
 */
export async function endMandate(
  { books, comment, ticketing }: EndingDesk,
  mandate: Mandate,
  ending: { reason: string; by: Actor; as: 'superseded' | 'expired' },
): Promise<boolean> {
  const { as, by, reason } = ending;
  const ended = await books.end(mandate.id, reason, by);
  const key = mandate.ticket?.key;
  if (key === undefined) return ended;
  await ticketing.comment(key, `ended-${mandate.id}`, comment(mandate.ended?.reason ?? reason));
  const moved = await ticketing.move(key, OPEN, as);
  // Whoever rejected it, or closed it by hand, has ended it as well.
  const isOpen = !moved.moved && OPEN.includes(moved.status);
  if (isOpen)
    throw new Fault('workflow-refused', `ticket ${key} could not be closed: ${moved.reason}`, {
      retryable: true,
    });
  return ended;
}
