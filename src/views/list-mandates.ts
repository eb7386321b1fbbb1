import { type Mandate, nameOfMandate, type Terms } from '#domain/mandate.ts';
import type { Database } from '#store/database-types.ts';
import { countUses } from '#store/mandate-uses.ts';
import { readOpenMandates, readRecentMandates } from '#store/mandates.ts';
import type { Kysely } from '#store/query.ts';
import type { NameOf, PersonView } from './names.ts';

/** A standing approval or an operator grant, as its ticket was found when it was read last. */
export interface MandateRow {
  id: string;
  name: string;
  terms: Terms;
  ticket: { key: string; url: string } | undefined;
  state: 'in-force' | 'not-in-force' | 'over';
  /** Why it is not in force; when it ended. */
  why: string | undefined;
  approver: PersonView | undefined;
  requester: PersonView;
  /** Changes that something was done about under it: within 24 hours, and in all. */
  used: { lately: number; ever: number; last: string | undefined };
}

export interface MandateList {
  rows: MandateRow[];
}

/** Mandates that are open, in the order of their ends, then those that were over lately. */
export async function listMandates(db: Kysely<Database>, nameOf: NameOf): Promise<MandateList> {
  const open = await readOpenMandates(db);
  const recent = [
    ...(await readRecentMandates(db, 'standing-approval')),
    ...(await readRecentMandates(db, 'operator-grant')),
  ];
  const over = recent.filter(({ id }) => !open.some((each) => each.id === id));
  const used = await countUses(
    db,
    [...open, ...over].map(({ id }) => id),
  );
  const inOrder = (mandates: readonly Mandate[]) =>
    mandates.toSorted((a, b) => (a.terms.until < b.terms.until ? -1 : 1));
  const rows = [...inOrder(open), ...inOrder(over).toReversed()].map((mandate): MandateRow => {
    const { heard, id, requestedBy, terms, ticket } = mandate;
    const isOpen = open.includes(mandate);
    return {
      id,
      name: nameOfMandate(mandate),
      terms,
      ticket: ticket === undefined ? undefined : { key: ticket.key, url: ticket.url },
      state: isOpen ? (heard.kind === 'approved' ? 'in-force' : 'not-in-force') : 'over',
      why: whyNot(mandate, isOpen),
      approver:
        heard.kind === 'approved' ? { id: heard.approval.person, name: heard.approval.name } : undefined,
      requester: { id: requestedBy, name: nameOf({ kind: 'person', id: requestedBy }) ?? requestedBy },
      used: used.get(id) ?? { lately: 0, ever: 0, last: undefined },
    };
  });
  return { rows };
}

function whyNot({ ended, heard }: Mandate, isOpen: boolean): string | undefined {
  if (ended !== undefined) return `ended: ${ended.reason}`;
  if (!isOpen) return 'its time is over';
  switch (heard.kind) {
    case 'approved':
      return undefined;
    case 'nothing':
      return 'nobody has decided on its ticket yet';
    case 'not-approved':
      return heard.why;
  }
}
