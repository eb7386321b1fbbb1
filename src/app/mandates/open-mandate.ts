import { randomBytes } from 'node:crypto';
import type { Actor } from '#domain/audit/actor.ts';
import { Fault } from '#domain/fault.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { type Mandate, type Terms, termsHash } from '#domain/mandate.ts';
import type { TicketContent } from '#domain/ticket-document.ts';
import type { Ticketing } from '../ports/ticketing.ts';
import type { MandateBooks } from './books.ts';

/** For how long a mandate may hold, in days from its opening. */
export interface MandateLimits {
  standingApprovalMaxDays: number;
  operatorGrantMaxDays: number;
}

export interface OpeningDesk {
  books: Pick<MandateBooks, 'begin' | 'presented'>;
  ticketing: Pick<Ticketing, 'open' | 'read' | 'move' | 'self'>;
  people: readonly Person[];
  limits: MandateLimits;
  /** Tiers that may be approved in advance. */
  standingTiers: readonly string[];
  now(): Promise<string>;
  content(mandate: Mandate, requester: string): TicketContent;
}

export interface OpeningRequest {
  terms: Terms;
  /** Id in the directory. */
  requestedBy: string;
  by: Actor;
}

export type Opening =
  | { kind: 'opened'; key: string; url: string; wasThere: boolean }
  | { kind: 'refused'; reasons: readonly string[] };

/**
 * Opens a mandate: its terms into the books, then its ticket with the terms bound to it, then that to review. Each step
 * finds what an earlier try did, so the same terms may be opened again after an unclear outcome.
 */
export async function openMandate(desk: OpeningDesk, request: OpeningRequest): Promise<Opening> {
  const reasons = refusals(request, desk, await desk.now());
  if (reasons.length > 0) return { kind: 'refused', reasons };
  const { by, requestedBy, terms } = request;
  const { mandate, isNew } = await desk.books.begin({ id: freshId(), terms, requestedBy }, by);
  if (mandate.ticket?.reviewMove !== undefined) return { kind: 'opened', ...mandate.ticket, wasThere: true };
  const requester = desk.people.find(({ id }) => id === requestedBy)?.name ?? requestedBy;
  const { key, url } = await desk.ticketing.open({
    changeId: mandate.id,
    number: 1,
    content: desk.content(mandate, requester),
    binding: { changeId: mandate.id, revision: 0, tupleHash: termsHash(mandate.terms), round: 1 },
    mayExist: !isNew,
  });
  const reviewMove = await putToReview(desk.ticketing, key);
  await desk.books.presented(mandate.id, { key, url, reviewMove }, by);
  return { kind: 'opened', key, url, wasThere: false };
}

/** Our move to In review; an earlier try's, where somebody has decided since. */
async function putToReview(ticketing: OpeningDesk['ticketing'], key: string): Promise<string> {
  const [{ moves }, self] = [await ticketing.read(key), await ticketing.self()];
  const ours = moves.find(({ account, to }) => account === self && to === 'in-review');
  if (ours !== undefined) return ours.id;
  const moved = await ticketing.move(key, ['requested'], 'in-review');
  if (moved.moved) return moved.moveId;
  throw new Fault('workflow-refused', `ticket ${key} could not be moved to In review: ${moved.reason}`, {
    retryable: true,
  });
}

function refusals(
  { terms, requestedBy }: OpeningRequest,
  { limits, people, standingTiers }: OpeningDesk,
  now: string,
): string[] {
  const isKnown = (id: string) => people.some((person) => person.id === id);
  const concerned = terms.kind === 'operator-grant' ? [requestedBy, terms.person] : [requestedBy];
  const strangers = [...new Set(concerned)].filter((id) => !isKnown(id));
  const most = terms.kind === 'operator-grant' ? limits.operatorGrantMaxDays : limits.standingApprovalMaxDays;
  const ahead = Date.parse(terms.until) - Date.parse(now);
  const isNormal = terms.kind === 'standing-approval' && !standingTiers.includes(terms.tier);
  const known = standingTiers.length === 0 ? 'none is' : `${standingTiers.join(', ')} may`;
  return [
    ...(isNormal
      ? [`tier: ${terms.tier} may not be approved in advance by the server's file; ${known}`]
      : []),
    ...strangers.map((id) => `nobody in the directory has the id ${id}`),
    ...(ahead <= 0 ? [`until: ${terms.until} is past`] : []),
    ...(ahead > most * DAY_MS ? [`until: the server allows at most ${most} days`] : []),
  ];
}

const DAY_MS = 86_400_000;

/** Opaque, and fit for labels. */
function freshId(): string {
  return `man${randomBytes(10).toString('hex')}`;
}
