import { endMandate } from '#app/mandates/end-mandate.ts';
import { mandateEnded } from '#messages/mandate-ticket.ts';
import type { WorkerContext } from './context.ts';
import { lookAt } from './mandates-seen.ts';
import { whoIsWho } from './who-is-who.ts';

/**
 * Reads the ticket of a mandate, if it is one, since something was done to it: who decided there is kept as they are in
 * the directory at this moment.
 */
export async function hearOfMandate(context: WorkerContext, key: string): Promise<boolean> {
  const mandate = await context.ledger.mandates.ofTicket(key);
  if (mandate === undefined) return false;
  if (mandate.ended === undefined) await lookAt(context, [mandate], await whoIsWho(context));
  return true;
}

/** Ends the mandates whose time is over, so that their tickets say so; they allow nothing from that time on in any case. */
export async function endOverdueMandates({ ledger, ticketing }: WorkerContext): Promise<void> {
  const books = ledger.mandates;
  for (const mandate of await books.overdue()) {
    const reason = `its time was over at ${mandate.terms.until}`;
    const by = { kind: 'service', component: 'sweep' } as const;
    await endMandate({ books, ticketing, comment: mandateEnded }, mandate, { reason, by, as: 'expired' });
  }
}
