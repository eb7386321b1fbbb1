import { endMandate } from '#app/mandates/end-mandate.ts';
import { lookAtMandates } from '#app/mandates/look-at-mandates.ts';
import { openMandate } from '#app/mandates/open-mandate.ts';
import type { MandateDesk } from '#cli/mandate.ts';
import type { Terms } from '#domain/mandate.ts';
import { mandateEnded, mandateTicket } from '#messages/mandate-ticket.ts';
import { composeBase } from './compose.ts';
import { composeDirectory } from './compose-directory.ts';
import { composeHosts } from './compose-hosts.ts';
import type { Config, Secrets } from './config.ts';

/** Mandates for whoever types; what they do is recorded as theirs. */
export function composeMandates(config: Config, secrets: Secrets, operator: string): MandateDesk {
  const base = composeBase(config, secrets, 'cli');
  const { ledger, database } = base;
  const hosts = composeHosts(config, secrets);
  const { ticketing } = hosts;
  const books = ledger.mandates;
  const directory = composeDirectory(config, secrets, base, hosts);
  const by = { kind: 'operator-cli', id: operator } as const;
  const whoIsWho = async () => {
    const { people, unseen } = await directory.read({ fresh: true });
    return { people, unseenSources: unseen };
  };
  return {
    async open(terms: Terms, requestedBy: string) {
      const { people } = await directory.read();
      const now = () => ledger.now();
      const standingTiers = config.tiers.filter(({ standing }) => standing === true).map(({ name }) => name);
      const limits = config.mandates;
      const desk = { books, ticketing, people, limits, standingTiers, now, content: mandateTicket };
      return openMandate(desk, { terms, requestedBy, by });
    },
    async list() {
      const [{ people, unseen }, at, open] = await Promise.all([
        directory.read(),
        ledger.now(),
        books.open(),
      ]);
      const around = { at, bot: config.jira.botAccount, people, unseenSources: unseen };
      return lookAtMandates({ books, ticketing, whoIsWho }, around, open);
    },
    async end(key, reason) {
      const mandate = await books.ofTicket(key);
      if (mandate === undefined) return undefined;
      const desk = { books, ticketing, comment: mandateEnded };
      return endMandate(desk, mandate, { reason, by, as: 'superseded' });
    },
    close: () => database.close(),
  };
}
