import type { CodeHost, MemberView } from '#app/ports/code-host.ts';
import { roleInWords } from '#domain/access-level.ts';
import type { Command } from '#domain/command.ts';
import type { Reserved } from '#domain/project.ts';

/** A command that not everybody may give who may give the others. */
export interface CommandRule {
  verbs: readonly string[];
  /** Full paths of groups; a member of any of them will do. Absent: members of the project itself. */
  groups: readonly string[];
  /** The least access level there; any member's when absent. */
  accessLevel?: number;
  /** Patterns of project folders; all when absent. */
  projects?: readonly string[];
}

/**
 * The rules about the command that whoever asked does not meet; every one of them counts. Membership is asked now, and
 * a group that cannot be read has no members as far as we know.
 */
export async function reservedFor(
  codeHost: Pick<CodeHost, 'groupMember'>,
  rules: readonly CommandRule[],
  { verb }: Pick<Command, 'verb'>,
  asker: { id: number; accessLevel: number },
): Promise<Reserved[]> {
  const asked = rules.filter(({ verbs }) => verbs.includes(verb));
  const answers = await Promise.all(asked.map((rule) => answerOf(codeHost, rule, asker)));
  return asked.flatMap((rule, i) => {
    const answer = answers[i];
    if (answer === undefined || answer.permitted) return [];
    const { projects } = rule;
    const { unseen } = answer;
    return [
      {
        verb,
        needs: needsOf(rule),
        ...(projects === undefined ? {} : { projects }),
        ...(unseen === undefined ? {} : { unseen }),
      },
    ];
  });
}

async function answerOf(
  codeHost: Pick<CodeHost, 'groupMember'>,
  { groups, accessLevel = 1 }: CommandRule,
  asker: { id: number; accessLevel: number },
): Promise<{ permitted: boolean; unseen?: string }> {
  if (groups.length === 0) return { permitted: asker.accessLevel >= accessLevel };
  const answers = await Promise.all(groups.map((group) => codeHost.groupMember(group, asker.id)));
  if (answers.some((answer) => answer.ok && levelOf(answer.value) >= accessLevel)) return { permitted: true };
  const unseen = answers.flatMap((answer) => (answer.ok ? [] : [answer.reason]));
  return unseen.length === 0 ? { permitted: false } : { permitted: false, unseen: unseen.join('; ') };
}

function levelOf(member: MemberView | undefined): number {
  return member?.accessLevel ?? 0;
}

/** "members of infra/operators or infra/admins with the role of a Maintainer at least" */
function needsOf({ groups, accessLevel }: CommandRule): string {
  const of = groups.length === 0 ? 'this project' : groups.join(' or ');
  if (accessLevel === undefined) return `members of ${of}`;
  return `those who are at least ${roleInWords(accessLevel)} of ${of}`;
}
