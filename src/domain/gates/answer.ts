import type { GateName, GateResult } from './evidence.ts';

type Evidence = GateResult['evidence'];

export function yes(gate: GateName, reason: string, evidence: Evidence): GateResult {
  return { gate, answer: 'yes', reason, remedy: '', evidence };
}

export function no(gate: GateName, reason: string, remedy: string, evidence: Evidence): GateResult {
  return { gate, answer: 'no', reason, remedy, evidence };
}

export function unknown(gate: GateName, reason: string, remedy: string, evidence: Evidence): GateResult {
  return { gate, answer: 'unknown', reason, remedy, evidence };
}

/** A no that no waiting and no configuration can turn into a yes for this approval. */
export function noForGood(gate: GateName, reason: string, remedy: string, evidence: Evidence): GateResult {
  return { ...no(gate, reason, remedy, evidence), voidsVerdict: true };
}

/** What was asked did not answer; nothing has to be done about it. */
export function unseen(gate: GateName, what: string, why: string): GateResult {
  return unknown(gate, `${what}: ${why}`, ASKED_AGAIN, { unseen: why });
}

export const ASKED_AGAIN = 'it is asked again by itself';
export const PLAN_AGAIN = 'comment `countersign plan` and have the new plan approved';
