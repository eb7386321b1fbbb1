import type { Actor } from '#domain/audit/actor.ts';
import type { TicketReading } from '#domain/fact.ts';
import { byAccount } from '#domain/gates/people.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { ticketRead } from './read-decisions.ts';
import { whoIsWho } from './who-is-who.ts';

/** Reads the ticket and its whole changelog again; the core decides what a person decided there, and whether it counts. */
export async function readTicket(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { ticket } = change;
  if (ticket.status !== 'open') return undefined;
  const reading = await context.ticketing.read(ticket.key);
  return { fact: await ticketRead(context, change, reading), actor: await moverOf(context, reading) };
}

/** Whoever moved the ticket last is who the entry is about. */
async function moverOf(context: WorkerContext, { moves }: TicketReading): Promise<Actor> {
  const account = moves.at(-1)?.account;
  if (account === undefined || account === context.settings.ticketBot)
    return { kind: 'service', component: 'read-ticket' };
  const person = byAccount((await whoIsWho(context)).people, account);
  return person === undefined ? { kind: 'jira-user', id: account } : { kind: 'person', id: person.id };
}
