import { currentTupleHash } from '../approved-tuple.ts';
import { type BreakGlass, type ConfirmedGlass, confirming, type GlassTerms } from '../break-glass.ts';
import type { Change } from '../change.ts';
import { memberRefusals, refusedAsOver } from '../command-refusals.ts';
import type { Command } from '../command.ts';
import { type Decision, signal, undisturbed, withChange, withEffects, withEntry } from '../decision.ts';
import type { Refusal } from '../refusal.ts';
import { answer, type Given, refuse } from './answer.ts';
import { debtRefusals, notProvidedFor, unknownRefusals } from './break-glass.ts';

/** A second person agrees that it cannot wait: the gates are asked on behalf of the operator, and waive what may be waived. */
export function onConfirm(
  change: Change,
  given: Given & { glass?: GlassTerms },
  command: Extract<Command, { verb: 'confirm' }>,
  at: string,
): Decision {
  const { by, glass: terms, noteId } = given;
  const { breakGlass: asked } = change;
  if (terms === undefined) return refuse(undisturbed(change), command, given, [notProvidedFor()]);
  if (asked?.status !== 'asked' || asked.tupleHash !== currentTupleHash(change))
    return refuse(undisturbed(change), command, given, [nothingAsked(change)]);
  const refusals = [
    ...refusedAsOver(change),
    ...memberRefusals(by, command, change),
    ...unknownRefusals(by),
    ...confirmerRefusals(change, given, terms),
    ...debtRefusals(terms, change, asked.projects),
    ...otherRefusals(asked, command.asked),
  ];
  if (refusals.length > 0) return refuse(undisturbed(change), command, given, refusals);
  const { due } = terms;
  const lasts = Date.parse(asked.until) - Date.parse(asked.askedAt);
  const until = new Date(Date.parse(at) + lasts).toISOString();
  const glass: ConfirmedGlass = {
    ...asked,
    status: 'confirmed',
    confirmedBy: by,
    confirmNoteId: noteId,
    confirmedAt: at,
    until,
    due,
  };
  const confirmed = withEntry(
    withChange(undisturbed(change), { breakGlass: glass }),
    'break-glass-confirmed',
    {
      noteId: asked.noteId,
      by: by.person,
      askedBy: asked.by.person,
      reason: asked.reason,
      until,
      due,
      tupleHash: asked.tupleHash,
      projects: asked.projects,
    },
  );
  const ordered = { noteId, by: asked.by };
  const told = signal(confirmed, at, { type: 'apply-commanded', command: ordered }, ({ key }) =>
    asked.projects.includes(key),
  );
  return answer(withEffects(told, { type: 'tell-break-glass' }), command, given, {
    kind: 'accepted',
    doing: 'the gates are being asked',
  });
}

/** What somebody read may have been taken back since, and something else be asked for: so they say which. */
function otherRefusals(standing: BreakGlass, asked: number | undefined): Refusal[] {
  if (asked === standing.noteId) return [];
  const { by, projects, reason: said } = standing;
  const now = `@${by.username} asks for ${projects.join(', ')}: ${said}`;
  const reason =
    asked === undefined ? `it does not say what: ${now}` : `${asked} is not asked for now: ${now}`;
  return [
    {
      code: 'nothing-to-confirm',
      reason,
      remedy: `if that cannot wait, comment \`${confirming(standing)}\``,
    },
  ];
}

function nothingAsked({ breakGlass }: Change): Refusal {
  const reason =
    breakGlass?.status === 'over'
      ? `nobody asks for it any more: ${breakGlass.why}`
      : 'nobody asked to apply in an emergency';
  return {
    code: 'nothing-to-confirm',
    reason,
    remedy: 'an operator comments `countersign apply --break-glass REASON`',
  };
}

function confirmerRefusals({ breakGlass }: Change, { by }: Given, { confirmedBy }: GlassTerms): Refusal[] {
  const refusals: Refusal[] = [];
  if (by.person !== undefined && by.person === breakGlass?.by.person)
    refusals.push({
      code: 'confirmer-is-operator',
      reason: `@${by.username} asked for it, and a second person has to confirm it`,
      remedy: `ask ${confirmedBy}`,
    });
  if (!by.roles.includes('confirmer'))
    refusals.push({
      code: 'not-permitted',
      reason: `@${by.username} may not confirm it: that is for ${confirmedBy}`,
      remedy: 'ask one of them',
    });
  return refusals;
}
