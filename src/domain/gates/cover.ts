import { plannedProjects } from '../approved-tuple.ts';
import { judgeMandate } from '../judge-mandate.ts';
import { type Counted, countedAs, countFor, isAbout, pastLimits } from '../mandate-cover.ts';
import { isStandingApproval, type MandateApproval, type StandingApproval } from '../mandate.ts';
import type { ChangeEvidence, GateSubject, MandateSeen } from './evidence.ts';

/** Whether some standing approval lets this very change through, read live; one that a use is entered for goes first. */
export type Cover =
  | { kind: 'covered'; seen: MandateSeen<StandingApproval>; approval: MandateApproval; counted: Counted }
  | { kind: 'not-covered'; why: string; tried: readonly Tried[] }
  | { kind: 'unknown'; why: string; tried: readonly Tried[] };

/** A standing approval that was looked at in vain. */
interface Tried {
  mandate: string;
  ticket: string | undefined;
  why: string;
}

/** Looks for a standing approval in force that covers every plan of the change, with its counts and limits. */
export function findCover(
  change: GateSubject['change'],
  { at, mandates, people, ticketBot: bot, unseenSources }: CoverEvidence,
): Cover {
  const planned = plannedProjects(change);
  const standing = mandates.filter(isOfStandingApproval);
  const about = standing.filter(({ mandate }) => isAbout(mandate.terms, change, planned));
  const self = countedAs(change);
  const isUsed = (seen: MandateSeen) => seen.uses.some((use) => use.as === self);
  const tried: Tried[] = [];
  const doubtful: Tried[] = [];
  for (const seen of about.toSorted((a, b) => Number(isUsed(b)) - Number(isUsed(a)))) {
    const { mandate, ticket, uses } = seen;
    const counted = countFor(change, planned, uses, at);
    const past = pastLimits(mandate.terms, counted);
    const judgement = judgeMandate(mandate, ticket, { at, bot, people, unseenSources });
    if (past.length === 0 && judgement.kind === 'in-force')
      return { kind: 'covered', seen, approval: judgement.approval, counted };
    const why = [...past, ...(judgement.kind === 'in-force' ? [] : [judgement.why])].join('; ');
    const inVain = { mandate: mandate.terms.name, ticket: mandate.ticket?.key, why };
    tried.push(inVain);
    if (past.length === 0 && judgement.kind === 'unknown') doubtful.push(inVain);
  }
  if (doubtful.length > 0) return { kind: 'unknown', why: inWords(doubtful), tried };
  const none = standing.length === 0 ? 'there is none' : 'none is for these projects and their tier';
  return { kind: 'not-covered', why: tried.length === 0 ? none : inWords(tried), tried };
}

type CoverEvidence = Pick<ChangeEvidence, 'at' | 'mandates' | 'people' | 'ticketBot' | 'unseenSources'>;

function isOfStandingApproval(seen: MandateSeen): seen is MandateSeen<StandingApproval> {
  return isStandingApproval(seen.mandate);
}

/** As much as people want to read of what was looked at in vain. */
function inWords(tried: readonly Tried[]): string {
  const shown = tried
    .slice(0, 3)
    .map(({ mandate, ticket, why }) => `${mandate} (${ticket ?? 'no ticket'}): ${why}`);
  const more = tried.length > shown.length ? [`and ${tried.length - shown.length} more`] : [];
  return [...shown, ...more].join('; ');
}
