import { currentTupleHash, everyPlanned } from '../approved-tuple.ts';
import {
  type BreakGlass,
  blockingDebts,
  confirming,
  type GlassTerms,
  isProvidedFor,
} from '../break-glass.ts';
import type { Change } from '../change.ts';
import { nothingToApply, operatorRefusals, refusedAsOver } from '../command-refusals.ts';
import type { Command } from '../command.ts';
import { type Decision, undisturbed, withChange, withEffects, withEntry } from '../decision.ts';
import { mayBeAsked } from '../gates/may-be-asked.ts';
import { rejectionOf } from '../objections.ts';
import type { Asker } from '../project.ts';
import type { Refusal } from '../refusal.ts';
import { isSelected } from '../select.ts';
import { answer, type Given, noneSelected, refuse } from './answer.ts';
import { minute } from '../minute.ts';

type Asking = Extract<Command, { verb: 'apply' }> & { breakGlass: string };

/**
 * An operator wants the plans applied as they stand, though they are not approved. Nothing happens before a second person
 * confirms it. What is asked for is what stands there now: it never waits for a plan that nobody has seen.
 */
export function onBreakGlass(
  change: Change,
  given: Given & { glass?: GlassTerms },
  command: Asking,
  at: string,
): Decision {
  const { by, glass: terms, noteId } = given;
  if (terms === undefined) return refuse(undisturbed(change), command, given, [notProvidedFor()]);
  const chosen = change.projects.filter((each) => isSelected(each, command.select));
  const plans = chosen.filter((each) => mayBeAsked(change, each));
  const projects = plans.map(({ key }) => key);
  const tupleHash = currentTupleHash(change);
  const refusals = [
    ...refusedAsOver(change),
    ...operatorRefusals(by, command, change, { mayBeRequester: terms.waives.includes('four-eyes') }),
    ...unknownRefusals(by),
    ...noneSelected(change, command.select, nothingToApply()),
    ...planRefusals(change, projects),
    ...plans.filter(({ dir }) => !isProvidedFor(terms, dir)).map(({ key }) => elsewhere(key)),
    ...debtRefusals(terms, change, projects),
  ];
  if (refusals.length > 0 || tupleHash === undefined)
    return refuse(undisturbed(change), command, given, refusals);
  const { breakGlass: earlier } = change;
  if (earlier?.status === 'asked')
    return isAskedAgain(earlier, by, command.breakGlass, projects)
      ? answer(undisturbed(change), command, given, { kind: 'accepted', doing: waits(terms, earlier) })
      : refuse(undisturbed(change), command, given, [askedAlready(earlier)]);
  const { tier, waives, blockWhileUnpaid, confirmWithinSeconds } = terms;
  const until = new Date(Date.parse(at) + confirmWithinSeconds * 1000).toISOString();
  const asked = withChange(undisturbed(change), {
    breakGlass: {
      status: 'asked',
      noteId,
      by,
      reason: command.breakGlass,
      askedAt: at,
      until,
      revision: change.revision?.number ?? 0,
      tupleHash,
      projects,
      tier,
      waives,
      blockWhileUnpaid,
    },
  });
  const entered = withEntry(asked, 'break-glass-asked', {
    noteId,
    by: by.person,
    reason: command.breakGlass,
    until,
    tupleHash,
    projects,
    tier,
    waives,
  });
  return answer(withEffects(entered, { type: 'tell-break-glass' }), command, given, {
    kind: 'accepted',
    doing: waits(terms, { noteId, until }),
  });
}

function waits({ confirmedBy, waives }: GlassTerms, asked: Pick<BreakGlass, 'noteId' | 'until'>): string {
  return `nothing is applied before a second person comments \`${confirming(asked)}\`: ${confirmedBy}, until ${minute(asked.until)}. It is then applied without being asked ${waives.join(', ')}, and has to be approved afterwards`;
}

/** Where nothing is configured nobody can do it, and whoever tries learns so. */
export function notProvidedFor(): Refusal {
  return {
    code: 'break-glass-off',
    reason: 'this server provides for no emergencies: `breakGlass` is not configured',
    remedy: 'have the ticket approved, or ask an administrator',
  };
}

/** Two people are told apart by the directory and by nothing else. */
export function unknownRefusals({ person, username }: Asker): Refusal[] {
  if (person !== undefined) return [];
  const reason = `@${username} is in no directory of people`;
  return [{ code: 'unknown-person', reason, remedy: 'ask somebody who is, or an administrator' }];
}

/** The same person says the same once more. */
function isAskedAgain(
  glass: BreakGlass,
  { person }: Asker,
  reason: string,
  projects: readonly string[],
): boolean {
  return (
    glass.by.person === person &&
    glass.reason === reason &&
    glass.projects.length === projects.length &&
    glass.projects.every((key) => projects.includes(key))
  );
}

/** Whoever confirms says yes to what they read: nothing takes its place while that may happen, whoever asks. */
function askedAlready(standing: BreakGlass): Refusal {
  const { by, projects, reason: said, until } = standing;
  const reason = `@${by.username} has asked for ${projects.join(', ')} already, until ${minute(until)}: ${said}`;
  const remedy = `confirm that with \`${confirming(standing)}\`; or take it back with \`countersign cancel\`, comment \`countersign plan\` and ask then; or wait`;
  return { code: 'already-applying', reason, remedy };
}

/** What keeps the plans from being what is asked for: there are none, or their ticket is not there, or says no. */
function planRefusals(change: Change, projects: readonly string[]): Refusal[] {
  const { breakGlass: glass, ticket } = change;
  if (projects.length === 0) return [nothingToApply()];
  const tupleHash = currentTupleHash(change);
  if (!everyPlanned(change) || ticket.status !== 'open' || !('tupleHash' in ticket.review))
    return [notReady('the plans are not all there yet, or have no ticket')];
  if (ticket.review.tupleHash !== tupleHash) return [notReady('the ticket is about another plan')];
  const rejection = rejectionOf(change);
  if (rejection !== undefined) {
    const reason = `an approver rejected these plans on ${rejection.key}, and no emergency overrules that`;
    return [{ code: 'not-approved', reason, remedy: 'change what they would do, or have them approved' }];
  }
  if (glass?.status === 'confirmed' && glass.tupleHash === tupleHash)
    return [
      {
        code: 'already-applying',
        reason: `the glass is broken already, until ${minute(glass.until)}`,
        remedy: 'comment `countersign apply` for what is left',
      },
    ];
  return [];
}

function notReady(reason: string): Refusal {
  return { code: 'not-planned', reason, remedy: 'wait for the ticket, look at the plan, and ask then' };
}

function elsewhere(project: string): Refusal {
  const reason = `no emergencies are provided for in ${project}`;
  return { code: 'not-permitted', reason, remedy: 'have the ticket approved', project };
}

export function debtRefusals(
  { blockWhileUnpaid, unpaid }: Pick<GlassTerms, 'blockWhileUnpaid' | 'unpaid'>,
  { mergeRequest: { repository } }: Change,
  projects: readonly string[],
): Refusal[] {
  return blockingDebts(blockWhileUnpaid, unpaid, { repository, projects }).map(({ due, key }) => ({
    code: 'debt-unpaid',
    reason: `what was applied in an emergency under ${key} is not approved yet (due ${due})`,
    remedy: `have ${key} approved first`,
  }));
}
