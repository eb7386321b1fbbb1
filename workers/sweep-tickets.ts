import { Fault } from '#domain/fault.ts';
import type { WorkerContext } from './context.ts';
import { isDecisionNews } from './decision-news.ts';
import { ticketRead } from './read-decisions.ts';
import { sinceLastRound } from './since-last-round.ts';
import type { Piece, Round } from './sweep-round.ts';
import { hintDebt } from './watch-emergencies.ts';
import { hearOfMandate } from './watch-mandates.ts';

const FOUND_BY_POLLING = 'found_by_polling';
const SWEEP = { kind: 'service', component: 'sweep' } as const;

/** Tickets that were moved without a word: those that could not be read before, and those that were updated since then. */
export async function sweepTickets(context: WorkerContext, round: Round): Promise<void> {
  const pieceOf = (key: string): Piece => ({ item: key, work: () => sweepTicket(context, key) });
  const unread = round.failed('ticket').map(({ item }) => pieceOf(item));
  await round.each('ticket', unread);
  await sinceLastRound(context, 'tickets', async (since) => {
    await round.each('ticket', (await context.ticketing.updatedSince(since)).map(pieceOf));
  });
}

async function sweepTicket(context: WorkerContext, key: string): Promise<void> {
  const { ledger, settings, ticketing } = context;
  const changeId = await ledger.changeOfTicket(key);
  const change = changeId === undefined ? undefined : await ledger.change(changeId);
  if (change === undefined) {
    if ((await hearOfMandate(context, key)) === 'not-read')
      throw new Fault('not-read', `the mandate's ticket ${key} could not be read`, { retryable: true });
    return;
  }
  await hintDebt(context, change, key);
  const reading = await ticketing.read(key);
  if (!isDecisionNews(change, reading, settings.ticketBot)) return;
  await ledger.count(FOUND_BY_POLLING, 1);
  const fact = await ticketRead(context, change, reading);
  await ledger.record({ changeId: change.id, fact, actor: SWEEP });
}
