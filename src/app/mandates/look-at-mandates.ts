import type { TicketReading } from '#domain/fact.ts';
import { Fault } from '#domain/fault.ts';
import type { MandateSeen, Observed } from '#domain/gates/evidence.ts';
import {
  type AroundMandate,
  heardOf,
  isFirstHeard,
  judgeMandate,
  type MandateJudgement,
} from '#domain/judge-mandate.ts';
import type { Mandate } from '#domain/mandate.ts';
import type { Ticketing } from '../ports/ticketing.ts';
import { isNews, type MandateBooks } from './books.ts';

/** A mandate as it is now, and whether it is in force. */
export interface Looked extends MandateSeen {
  judgement: MandateJudgement;
}

/** Where mandates are looked at from. */
export interface Lookout {
  books: Pick<MandateBooks, 'hear' | 'uses'>;
  ticketing: Pick<Ticketing, 'read'>;
  /** Who is who, asked anew: a reading of a moment ago may have missed what made an approver of somebody. */
  whoIsWho: () => Promise<Pick<AroundMandate, 'people' | 'unseenSources'>>;
}

/**
 * Reads the tickets of these mandates now, with what was done under them lately. What the tickets say is entered in the
 * books when it is news, so that whoever decided stays who they were when that was first heard of.
 */
export async function lookAtMandates(
  { books, ticketing, whoIsWho }: Lookout,
  around: AroundMandate,
  mandates: readonly Mandate[],
): Promise<Looked[]> {
  if (mandates.length === 0) return [];
  const uses = await books.uses(mandates.map(({ id }) => id));
  return Promise.all(
    mandates.map(async (mandate) => {
      const ticket = await readTicket(ticketing, mandate);
      const usesOfIt = uses.filter((use) => use.mandate === mandate.id);
      const shared = judgeMandate(mandate, ticket, around);
      const judgement = isFirstHeard(mandate.heard, shared)
        ? judgeMandate(mandate, ticket, { ...around, ...(await whoIsWho()) })
        : shared;
      if (judgement.kind === 'unknown' || mandate.ended !== undefined)
        return { mandate, ticket, judgement, uses: usesOfIt };
      const heard = heardOf(judgement, mandate.heard);
      if (isNews(mandate.heard, heard)) await books.hear(mandate.id, heard);
      return { mandate: { ...mandate, heard }, ticket, judgement, uses: usesOfIt };
    }),
  );
}

async function readTicket(
  ticketing: Pick<Ticketing, 'read'>,
  { ticket }: Mandate,
): Promise<Observed<TicketReading>> {
  if (ticket === undefined) return { seen: false, why: 'it has no ticket yet' };
  try {
    return { seen: true, value: await ticketing.read(ticket.key) };
  } catch (error) {
    if (error instanceof Fault) return { seen: false, why: error.message };
    throw error;
  }
}
