import type { Change } from '#domain/change.ts';
import { decisionsIn } from '#domain/desk.ts';
import type { FactOf, TicketReading } from '#domain/fact.ts';
import { deciderFor } from '#domain/gates/people.ts';
import { reviewMark } from '#domain/on-ticket.ts';
import type { WorkerContext } from './context.ts';
import { whoIsWho } from './who-is-who.ts';

/** A reading of the ticket as a fact: with whom those that decided were in the directory at this moment. */
export async function ticketRead(
  context: WorkerContext,
  change: Change,
  reading: TicketReading,
): Promise<FactOf<'ticket-read'>> {
  const accounts = new Set(
    decisionsIn(reading)
      .filter(isDecision)
      .map(({ account }) => account),
  );
  // Who somebody was is kept: a look of a moment ago may have missed what made an approver of them.
  const { people, unseenSources } = await whoIsWho(context, { fresh: accounts.size > 0 });
  const known = [...accounts].flatMap((account) => {
    const decider = deciderFor(account, people, unseenSources);
    return decider === undefined ? [] : [[account, decider] as const];
  });
  return {
    type: 'ticket-read',
    reading,
    bot: context.settings.ticketBot,
    during: reviewMark(change),
    deciders: Object.fromEntries(known),
  };
}

function isDecision({ to }: TicketReading['moves'][number]): boolean {
  return to === 'approved' || to === 'rejected';
}
