import type { Change } from '../change.ts';
import type { Command, Selector } from '../command.ts';
import { nothingSelected } from '../command-refusals.ts';
import { type Decision, withEffects, withRefusals } from '../decision.ts';
import type { CommandOutcome } from '../effect.ts';
import type { FactOf } from '../fact.ts';
import type { Refusal } from '../refusal.ts';
import { isSelected } from '../select.ts';

/** Who asked, and in which comment. */
export type Given = Pick<FactOf<'command-received'>, 'noteId' | 'by'>;

/** Done if anything moved; else refused, with what the projects say or, when they say nothing, with `idle`. */
export function concluded(
  before: Change,
  told: Decision,
  command: Command,
  given: Given,
  doing: string,
  idle: Refusal,
): Decision {
  const moved =
    told.effects.length > 0 || told.change.projects.some((project, i) => project !== before.projects[i]);
  if (moved) return answer(told, command, given, { kind: 'accepted', doing });
  if (told.refusals.length === 0) return refuse(told, command, given, [idle]);
  return answer(told, command, given, { kind: 'refused', refusals: told.refusals });
}

/** Tells whoever asked what became of it. */
export function answer(
  decision: Decision,
  command: Command,
  { noteId }: Pick<Given, 'noteId'>,
  outcome: CommandOutcome,
): Decision {
  return withEffects(decision, { type: 'answer-command', noteId, command, outcome });
}

/** A reasoned no, to whoever asked and on record. */
export function refuse(
  decision: Decision,
  command: Command,
  given: Pick<Given, 'noteId'>,
  refusals: readonly Refusal[],
): Decision {
  return answer(withRefusals(decision, ...refusals), command, given, { kind: 'refused', refusals });
}

/** Why the selector leaves nothing to do, if it does; `nothing` when there are no projects at all. */
export function noneSelected(change: Change, select: Selector | undefined, nothing: Refusal): Refusal[] {
  if (change.projects.length === 0) return [nothing];
  if (select === undefined || change.projects.some((project) => isSelected(project, select))) return [];
  return [nothingSelected(change, select)];
}
