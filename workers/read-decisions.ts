import type { Change } from '#domain/change.ts';
import type { FactOf, TicketReading } from '#domain/fact.ts';
import { byAccount, deciderOf } from '#domain/gates/people.ts';
import { reviewMark } from '#domain/on-ticket.ts';
import type { WorkerContext } from './context.ts';

/** A reading of the ticket as a fact: with whom those that decided were in the directory at this moment. */
export async function ticketRead(
  { settings }: WorkerContext,
  change: Change,
  reading: TicketReading,
): Promise<FactOf<'ticket-read'>> {
  const { people } = settings;
  const accounts = new Set(reading.moves.filter(isDecision).map(({ account }) => account));
  const known = [...accounts].flatMap((account) => {
    const person = byAccount(people, account);
    return person === undefined ? [] : [[account, deciderOf(person)] as const];
  });
  return {
    type: 'ticket-read',
    reading,
    bot: settings.ticketBot,
    during: reviewMark(change),
    deciders: Object.fromEntries(known),
  };
}

function isDecision({ to }: TicketReading['moves'][number]): boolean {
  return to === 'approved' || to === 'rejected';
}
