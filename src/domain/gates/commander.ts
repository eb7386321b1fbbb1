import { roleInWords } from '../access-level.ts';
import { reservedIn } from '../command-refusals.ts';
import { ASKED_AGAIN } from './answer.ts';
import type { ChangeEvidence, GateSubject } from './evidence.ts';

/** Why whoever commands may not, if so. */
export interface CommanderRefused {
  answer: 'no' | 'unknown';
  reason: string;
  remedy: string;
}

export const OTHER_OPERATOR = 'another operator comments `countersign apply`';

/** What was asked when the command was read is asked once more: it may be done long after that. */
export function commanderRefused(
  { command, project }: GateSubject,
  { commanders }: ChangeEvidence,
): CommanderRefused | undefined {
  if (command === undefined) return undefined;
  const { gitlabId, username } = command.by;
  const rights = commanders.find((each) => each.gitlabId === gitlabId)?.rights;
  if (rights?.seen !== true) {
    const why = rights?.why ?? 'nobody looked';
    return {
      answer: 'unknown',
      reason: `what @${username} may do here is not known: ${why}`,
      remedy: ASKED_AGAIN,
    };
  }
  const { accessLevel, barred, needed } = rights.value;
  if (accessLevel < needed) {
    const reason = `@${username} is ${roleInWords(accessLevel)} of this project and cannot command its apply`;
    return { answer: 'no', reason, remedy: OTHER_OPERATOR };
  }
  const [reserved] = reservedIn({ barred, username }, 'apply', [project.dir]);
  return reserved && { answer: 'no', reason: reserved.reason, remedy: reserved.remedy };
}
