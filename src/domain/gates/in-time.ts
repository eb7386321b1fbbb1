import type { CalendarReading } from '../calendar.ts';
import { approvalExpiresAt } from '../expiry.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';

/** A no that clears by itself at a time (RFC 3339 UTC): the gates are then asked again. */
export function until(at: string, result: GateResult): GateResult {
  return { ...result, until: at };
}

/** What becomes of the project once the calendar lets it go, which may be later than one gate alone says. */
export function whatThen(
  { change, command, plan, project }: GateSubject,
  { settings }: ChangeEvidence,
  { freeAt }: CalendarReading,
): string {
  if (freeAt === undefined)
    return 'an administrator looks at the calendar: within a year there is no time for it';
  const { applyOn, commandNeeded } = project;
  const goesByItself = commandNeeded !== true && (applyOn === 'approval' || applyOn === 'merge');
  const commanded = command === undefined ? '' : `, as @${command.by.username} commanded`;
  const then =
    goesByItself || command !== undefined
      ? `it is applied by itself ${freeAt.local}${commanded}, if nothing has moved`
      : `an operator comments \`countersign apply\`, now or then, and it is applied from ${freeAt.local} on`;
  const planEnds = Date.parse(plan.plannedAt) + settings.planMaxAgeSeconds * 1000;
  const approvalEnds = Date.parse(approvalExpiresAt(change) ?? freeAt.at);
  const free = Date.parse(freeAt.at);
  if (free <= Math.min(planEnds, approvalEnds)) return then;
  const ended = command !== undefined && free > approvalEnds ? ', and so is the command' : '';
  return `${then}; plan and approval will be too old by then, and are asked for again${ended}`;
}
