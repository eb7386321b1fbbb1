import { disturbanceOf } from '../in-advance.ts';
import type { Counted } from '../mandate-cover.ts';
import { refOf, type StandingApproval } from '../mandate.ts';
import { ASKED_AGAIN, no, noForGood, unknown, unseen, yes } from './answer.ts';
import { findCover } from './cover.ts';
import type { ChangeEvidence, GateName, GateResult, GateSubject, MandateSeen } from './evidence.ts';
import { minute } from '../minute.ts';

const TICKET_APPROVED = 'ticket-approved' satisfies GateName;
const APPROVER_ALLOWED = 'approver-allowed' satisfies GateName;

/**
 * Gate `ticket-approved` of a standard change: nobody interfered with its own ticket, which is bound to its plans, and a
 * standing approval in force covers all of them. Otherwise an approver is asked, and told why.
 */
export function coveredInAdvance(subject: GateSubject, change: ChangeEvidence): GateResult {
  const { ticket: ours } = subject.change;
  if (ours.status !== 'open')
    return no(TICKET_APPROVED, 'there is no open ticket', 'a new plan opens one', { ticket: ours.status });
  if (!change.ticket.seen) return unseen(TICKET_APPROVED, 'the ticket could not be read', change.ticket.why);
  const { value: reading } = change.ticket;
  const own = {
    ticket: ours.key,
    status: reading.status,
    reading: reading.digest,
    tuple: subject.tupleHash,
    tier: subject.plan.demand.tier,
  };
  if (!reading.exists)
    return no(TICKET_APPROVED, `${ours.key} is gone or is no longer ours`, ASKED_AGAIN, own);
  const disturbed = disturbanceOf(reading, subject.tupleHash, change.ticketBot);
  if (disturbed !== undefined)
    return {
      ...noForGood(TICKET_APPROVED, `${ours.key}: ${disturbed}`, AN_APPROVER, own),
      disputed: true,
    };
  const cover = findCover(subject.change, change);
  switch (cover.kind) {
    case 'covered': {
      const mandate = { ...refOf(cover.seen.mandate), approver: cover.approval.name };
      const { terms } = cover.seen.mandate;
      const evidence = {
        ...own,
        mandate: { ...mandate, terms, reading: digestOf(cover.seen), approval: cover.approval },
        used: cover.counted,
      };
      const reason = `approved in advance: ${mandate.name} (${mandate.key}), approved by ${cover.approval.name} at ${minute(cover.approval.decidedAt)}, until ${minute(terms.until)}; ${usedInWords(cover.counted, terms)}`;
      return { ...yes(TICKET_APPROVED, reason, evidence), mandate };
    }
    case 'not-covered':
      return noForGood(
        TICKET_APPROVED,
        `no standing approval covers this change: ${cover.why}`,
        AN_APPROVER,
        { ...own, tried: cover.tried },
      );
    case 'unknown':
      return unknown(
        TICKET_APPROVED,
        `whether a standing approval covers this change is not known: ${cover.why}`,
        ASKED_AGAIN,
        {
          ...own,
          tried: cover.tried,
        },
      );
  }
}

/** Gate `approver-allowed` of a standard change: whoever approved the standing approval has the role, then and now. */
export function approverInAdvance(subject: GateSubject, change: ChangeEvidence): GateResult {
  const cover = findCover(subject.change, change);
  if (cover.kind === 'unknown')
    return unknown(APPROVER_ALLOWED, cover.why, ASKED_AGAIN, { tried: cover.tried });
  if (cover.kind === 'not-covered')
    return no(APPROVER_ALLOWED, 'no approval in advance covers this', AN_APPROVER, { tried: cover.tried });
  const { approval, seen } = cover;
  return yes(
    APPROVER_ALLOWED,
    `${approval.name}, who approved ${seen.mandate.terms.name} (${seen.mandate.ticket?.key ?? ''}), has the role approver`,
    { tier: subject.plan.demand.tier, approvals: [{ ...approval, mandate: seen.mandate.id }] },
  );
}

const AN_APPROVER = 'the ticket goes to review; an approver decides there';

function digestOf({ ticket }: MandateSeen): string {
  return ticket.seen ? ticket.value.digest : '';
}

/** "change 2 of 5 within 24 hours, 3 of 10 resources, 0 of 0 destroyed, 0 of 0 replaced". */
function usedInWords(counted: Counted, { most }: StandingApproval): string {
  const of = (used: number, limit: number | undefined) =>
    limit === undefined ? `${used}` : `${used} of ${limit}`;
  return [
    `change ${of(counted.changes, most.changesPerDay)} within 24 hours`,
    `${of(counted.resources, most.resourcesPerChange)} resources`,
    `${of(counted.destroys, most.destroys)} destroyed`,
    `${of(counted.replaces, most.replaces)} replaced`,
  ].join(', ');
}
