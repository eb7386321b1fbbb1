import type { GlassTerms, Waivable } from '#domain/break-glass.ts';
import type { EmergencyEvidence } from '#domain/gates/evidence.ts';

/** What the server's file provides for emergencies. */
export interface EmergencySettings extends Pick<GlassTerms, 'tier' | 'confirmWithinSeconds'> {
  projects?: readonly string[];
  confirmedBy: EmergencyEvidence['confirmers'];
  /** Working days. */
  payWithinDays: number;
  blockWhileUnpaid: GlassTerms['blockWhileUnpaid'];
  waives: readonly Waivable[];
  /** `YYYY-MM-DD` */
  holidays: readonly string[];
}
