import type { DeskApproval, TicketMove, TicketReading } from './fact.ts';

/**
 * What people decided on the ticket, as moves: the changelog's own and, where approvals are given on a service desk, each
 * approver's decision there, which has an id and a time and is no move of the ticket.
 */
export function decisionsIn(reading: Pick<TicketReading, 'moves' | 'desk'>): readonly TicketMove[] {
  return [...reading.moves, ...(reading.desk ?? []).flatMap(deskDecisions)];
}

/** Decisions of one approval, always in the same order; those who have not answered are left out. */
export function deskDecisions(approval: DeskApproval): TicketMove[] {
  const { completedAt, decisions, digest, id, openedAt } = approval;
  return decisions
    .flatMap(({ decision, ...decider }): TicketMove[] => {
      if (decision === 'pending') return [];
      const to = decision === 'approved' ? 'approved' : 'rejected';
      const at = completedAt ?? openedAt;
      return [{ ...decider, id: `approval-${id}-${decider.account}`, from: 'in-review', to, at, digest }];
    })
    .toSorted((a, b) => (a.account < b.account ? -1 : 1));
}
