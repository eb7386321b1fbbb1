import { evaluateGates } from '#domain/gates/evaluate-gates.ts';
import type { GateName, GateResult } from '#domain/gates/evidence.ts';
import { commander, OPENED, reading, type Situation, situation } from './evidence.ts';

export type Spoil = (s: Situation) => void;
export type Case = [gate: GateName, answer: GateResult['answer'], what: string, spoil: Spoil, reason: string];

export function ask(gate: GateName, spoil: Spoil): GateResult {
  const s = situation();
  spoil(s);
  const result = evaluateGates(s.subject, s.change, s.project).find((each) => each.gate === gate);
  if (result === undefined) throw new Error(`there is no gate ${gate}`);
  return result;
}

/** Sets members of what was seen. */
export const see = <T extends object>(
  observed: { seen: true; value: T } | { seen: false; why: string },
  members: Partial<T>,
) => {
  if (observed.seen) Object.assign(observed.value, members);
};
export const ticket =
  (...moves: Parameters<typeof reading>[0]): Spoil =>
  (s) => {
    s.change.ticket = { seen: true, value: reading([OPENED, ...moves]) };
  };
export const command =
  (gitlabId: number, may: Parameters<typeof commander>[1] = {}): Spoil =>
  (s) => {
    s.change.commanders = [commander(gitlabId, may)];
    s.subject.command = {
      noteId: 5,
      by: { gitlabId, username: `user${gitlabId}`, accessLevel: 40, roles: [] },
    };
  };
export const people =
  (...list: Situation['change']['people']): Spoil =>
  (s) => {
    s.change.people = list;
  };
export const statuses =
  (...states: [state: string, allowedToFail?: boolean][]): Spoil =>
  (s) => {
    const value = states.map(([state, allowedToFail = false]) => ({ name: state, state, allowedToFail }));
    s.change.statuses = { seen: true, value };
  };
export const commits =
  (...emails: string[]): Spoil =>
  (s) => {
    s.subject.change.revision = {
      ...(s.subject.change.revision as NonNullable<typeof s.subject.change.revision>),
      commitAuthors: emails,
      committers: emails,
    };
  };
export const noVerdict: Spoil = (s) => {
  s.subject.approval = undefined;
};
