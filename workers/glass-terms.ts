import { roleInWords } from '#domain/access-level.ts';
import type { DebtRef, GlassTerms } from '#domain/break-glass.ts';
import { afterBusinessDays } from '#domain/business-days.ts';
import type { Command } from '#domain/command.ts';
import { confirmersInWords, mayConfirm } from '#domain/gates/break-glass-allowed.ts';
import type { EmergencyEvidence, Person } from '#domain/gates/evidence.ts';
import type { WorkerContext } from './context.ts';
import type { EmergencySettings } from './emergency-settings.ts';

/** What a command about an emergency goes by; nothing where it is about none, or none are provided for. */
export async function glassTerms(
  { ledger, settings }: WorkerContext,
  command: Command,
): Promise<GlassTerms | undefined> {
  const { accessLevels, emergency } = settings;
  const isAsked =
    (command.verb === 'apply' && command.breakGlass !== undefined) || command.verb === 'confirm';
  if (!isAsked || emergency === undefined) return undefined;
  const { blockWhileUnpaid, confirmWithinSeconds, holidays, payWithinDays, projects, tier, waives } =
    emergency;
  const [now, unpaid] = await Promise.all([ledger.now(), ledger.unpaidDebts()]);
  return {
    tier,
    ...(projects === undefined ? {} : { projects }),
    confirmWithinSeconds,
    // A comment is heard of members only, whatever role the directory gives.
    confirmedBy: `${confirmersInWords(toEvidence(emergency))}, who is at least ${roleInWords(accessLevels.plan)} of this project`,
    waives,
    blockWhileUnpaid,
    due: afterBusinessDays(now, payWithinDays, holidays),
    unpaid: unpaid.map(toRef),
  };
}

/** The same as the gates look at it. */
export async function emergencyEvidence({
  ledger,
  settings,
}: WorkerContext): Promise<EmergencyEvidence | undefined> {
  const { emergency } = settings;
  if (emergency === undefined) return undefined;
  const { blockWhileUnpaid, projects, waives } = emergency;
  const unpaid = await ledger.unpaidDebts();
  return {
    ...toEvidence(emergency),
    ...(projects === undefined ? {} : { projects }),
    waives,
    blockWhileUnpaid,
    unpaid: unpaid.map(toRef),
  };
}

/** Whether a person may be the second one in an emergency. */
export function confirms({ settings: { emergency } }: WorkerContext, person: Person | undefined): boolean {
  return emergency !== undefined && person !== undefined && mayConfirm(person, toEvidence(emergency));
}

function toEvidence({ confirmedBy }: EmergencySettings): Pick<EmergencyEvidence, 'confirmers'> {
  return { confirmers: confirmedBy };
}

function toRef({ changeId, due, key, projects, repository }: DebtRef): DebtRef {
  return { changeId, key, repository, projects, due };
}
