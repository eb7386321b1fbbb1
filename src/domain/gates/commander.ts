import { roleInWords } from '../access-level.ts';
import { reservedIn } from '../command-refusals.ts';
import { ASKED_AGAIN } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';
import { grantOf } from './operator-grant.ts';
import { byGitlabId } from './people.ts';

export const OTHER_OPERATOR = 'another operator comments `countersign apply`';

/** Whether whoever commands may, and what that was told by. */
export interface Commander {
  refused?: Refused;
  evidence: GateResult['evidence'];
}

interface Refused {
  answer: 'no' | 'unknown';
  reason: string;
  remedy: string;
}

/**
 * What was asked when the command was read is asked once more, since it may be done long after that: whoever commands has
 * to be an operator, by their role or by a grant in force for the project, with the rights for it on the code host.
 */
export function judgeCommander(subject: GateSubject, change: ChangeEvidence): Commander {
  if (subject.command === undefined) return { evidence: {} };
  const role = judgeRole(subject, change);
  const refused = role.refused ?? withoutRights(subject, change);
  const rights = change.commanders.find(({ gitlabId }) => gitlabId === subject.command?.by.gitlabId);
  return {
    ...(refused === undefined ? {} : { refused }),
    evidence: { ...role.evidence, ...(rights === undefined ? {} : { commander: rights }) },
  };
}

/** Who is in no directory is found elsewhere; nobody can be told apart from them. */
function judgeRole(subject: GateSubject, change: ChangeEvidence): Commander {
  const operator = subject.command && byGitlabId(change.people, subject.command.by.gitlabId);
  const grant = grantOf(subject, operator, change);
  if (operator === undefined || grant === undefined) return { evidence: {} };
  if (grant.kind === 'granted') {
    const { approval, seen } = grant;
    const { id, terms, ticket } = seen.mandate;
    return { evidence: { operatorGrant: { id, key: ticket?.key, terms, approval } } };
  }
  if (grant.kind === 'unknown') return { refused: unknown(grant.why), evidence: {} };
  const [hidden] = change.unseenSources;
  const refused =
    hidden === undefined
      ? no(grant.why ?? `${operator.name} does not have the role operator`)
      : unknown(
          `whether ${operator.name} has the role operator is not known: ${hidden.source}: ${hidden.why}`,
        );
  return { refused, evidence: {} };
}

function withoutRights(
  { command, project }: GateSubject,
  { commanders }: ChangeEvidence,
): Refused | undefined {
  if (command === undefined) return undefined;
  const { gitlabId, username } = command.by;
  const rights = commanders.find((each) => each.gitlabId === gitlabId)?.rights;
  if (rights?.seen !== true)
    return unknown(`what @${username} may do here is not known: ${rights?.why ?? 'nobody looked'}`);
  const { accessLevel, barred, needed } = rights.value;
  if (accessLevel < needed)
    return no(`@${username} is ${roleInWords(accessLevel)} of this project and cannot command its apply`);
  const [reserved] = reservedIn({ barred, username }, 'apply', [project.dir]);
  return reserved && no(reserved.reason, reserved.remedy);
}

function no(reason: string, remedy = OTHER_OPERATOR): Refused {
  return { answer: 'no', reason, remedy };
}

function unknown(reason: string): Refused {
  return { answer: 'unknown', reason, remedy: ASKED_AGAIN };
}
