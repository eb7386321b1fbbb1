import type { Change, Verdict } from '#domain/change.ts';
import type { NameOf } from '../names.ts';
import { factsOf, type Told } from './entries.ts';
import type { Evidence } from './schema.ts';

type Who = Evidence['who'];
type Part = Who['parts'][number];

/** Who took part in the change, as it was known at the moment when they did. */
export function whoOf(
  { author }: Change,
  entries: readonly Told[],
  verdicts: readonly Verdict[],
  gates: Evidence['gates'],
  nameOf: NameOf,
): Who {
  const name = nameOf({ kind: 'gitlab-user', id: String(author.id) });
  return {
    requester: { gitlabId: author.id, username: author.username, ...(name === undefined ? {} : { name }) },
    parts: [...new Map(gates.flatMap(partsIn).map((part) => [`${part.part} ${part.key}`, part])).values()],
    approvers: verdicts.map(approverOf),
    operators: factsOf(entries, 'command-received')
      .filter(({ payload }) => OPERATING.has(payload.command.verb))
      .map(({ at, index, payload: { by, command, noteId, refusals } }) => {
        const known = by.person === undefined ? undefined : nameOf({ kind: 'person', id: by.person });
        return {
          ...(by.person === undefined ? {} : { person: by.person }),
          ...(known === undefined ? {} : { name: known }),
          roles: [...by.roles],
          groups: [...(by.groups ?? [])],
          gitlabId: by.gitlabId,
          username: by.username,
          accessLevel: by.accessLevel,
          verb: command.verb,
          comment: noteId,
          refused: refusals.length > 0,
          at,
          entry: index,
        };
      }),
  };
}

/** Commands by which people operate; to plan, and to ask, everybody may. */
const OPERATING: ReadonlySet<string> = new Set([
  'apply',
  'confirm',
  'cancel',
  'unlock',
  'resolve',
  'rollback',
]);

function partsIn({ results }: Evidence['gates'][number]): Part[] {
  const found = results.find(({ gate }) => gate === 'four-eyes')?.evidence['participants'];
  return ((found ?? []) as Part[]).map(({ adjusted, part, key, people, insteadOf }) => ({
    part,
    key,
    people,
    ...(adjusted === undefined ? {} : { adjusted }),
    ...(insteadOf === undefined ? {} : { insteadOf }),
  }));
}

function approverOf({ account, decider, heardAt, moveId }: Verdict): Who['approvers'][number] {
  return {
    ...(decider === undefined ? {} : { person: decider.person, name: decider.name }),
    roles: [...(decider?.roles ?? [])],
    groups: [...(decider?.groups ?? [])],
    insteadOf: [...(decider?.insteadOf ?? [])],
    unseenSources: [...(decider?.unseen ?? [])],
    account,
    move: moveId,
    at: heardAt,
  };
}
