import { type Waivable, WAIVABLE } from '../break-glass.ts';
import type { GateResult, GateSubject } from './evidence.ts';

/** What a gate would have said without broken glass. */
export interface Waived {
  reason: string;
  by: string;
  confirmedBy: string;
  answer: GateResult['answer'];
  said: string;
}

/**
 * Broken glass lets a gate say yes that said something else, where such gates may be waived at all and this one was; what
 * it found stays in its evidence, so that nothing is waived in silence.
 */
export function waive(result: GateResult, { approval, project }: GateSubject): GateResult {
  if (approval?.kind !== 'break-glass' || result.answer === 'yes') return result;
  const { glass } = approval;
  if (!isWaivable(result.gate) || !glass.waives.includes(result.gate)) return result;
  if (!glass.projects.includes(project.key)) return result;
  const by = glass.by.person ?? glass.by.username;
  const confirmedBy = glass.confirmedBy.person ?? glass.confirmedBy.username;
  const waived: Waived = {
    reason: glass.reason,
    by,
    confirmedBy,
    answer: result.answer,
    said: result.reason,
  };
  return {
    gate: result.gate,
    answer: 'yes',
    reason: `waived by broken glass: ${glass.reason} (asked by ${by}, confirmed by ${confirmedBy}); it said: ${result.reason}`,
    remedy: '',
    evidence: { ...result.evidence, waived },
  };
}

function isWaivable(gate: string): gate is Waivable {
  return (WAIVABLE as readonly string[]).includes(gate);
}
