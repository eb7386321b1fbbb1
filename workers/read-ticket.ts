import type { Actor } from '#domain/audit/actor.ts';
import type { TicketReading } from '#domain/fact.ts';
import { reviewMark } from '#domain/on-ticket.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

/** Reads the ticket and its whole changelog again; the core decides what a person decided there, and whether it counts. */
export async function readTicket(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { ticket } = change;
  if (ticket.status !== 'open') return undefined;
  const reading = await context.ticketing.read(ticket.key);
  return {
    fact: {
      type: 'ticket-read',
      reading,
      bot: context.settings.ticketBot,
      during: reviewMark(change),
    },
    actor: moverOf(context, reading),
  };
}

/** Whoever moved the ticket last is who the entry is about. */
function moverOf({ settings }: WorkerContext, { moves }: TicketReading): Actor {
  const account = moves.at(-1)?.account;
  if (account === undefined || account === settings.ticketBot)
    return { kind: 'service', component: 'read-ticket' };
  const person = settings.people.find(({ jiraAccount }) => jiraAccount === account);
  return person === undefined ? { kind: 'jira-user', id: account } : { kind: 'person', id: person.id };
}
