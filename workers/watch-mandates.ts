import { endMandate } from '#app/mandates/end-mandate.ts';
import { mandateEnded } from '#messages/mandate-ticket.ts';
import type { WorkerContext } from './context.ts';
import { lookAt } from './mandates-seen.ts';
import type { Round } from './sweep-round.ts';
import { whoIsWho } from './who-is-who.ts';

/**
 * Reads the ticket of a mandate, if it is one, since something was done to it: who decided there is kept as they are in
 * the directory at this moment. Says whether that could be read.
 */
export async function hearOfMandate(
  context: WorkerContext,
  key: string,
): Promise<'no-mandate' | 'heard' | 'not-read'> {
  const mandate = await context.ledger.mandates.ofTicket(key);
  if (mandate === undefined) return 'no-mandate';
  if (mandate.ended !== undefined) return 'heard';
  const [looked] = await lookAt(context, [mandate], await whoIsWho(context));
  return looked?.ticket.seen === true ? 'heard' : 'not-read';
}

/** Ends the mandates whose time is over, so that their tickets say so; they allow nothing from that time on in any case. */
export async function endOverdueMandates({ ledger, ticketing }: WorkerContext, round: Round): Promise<void> {
  const books = ledger.mandates;
  const by = { kind: 'service', component: 'sweep' } as const;
  await round.each(
    'mandate',
    (await books.overdue()).map((mandate) => ({
      item: mandate.id,
      async work() {
        const reason = `its time was over at ${mandate.terms.until}`;
        await endMandate({ books, ticketing, comment: mandateEnded }, mandate, { reason, by, as: 'expired' });
      },
    })),
  );
}
