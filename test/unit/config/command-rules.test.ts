import { describe, expect, test } from 'vitest';
import type { HostAnswer, MemberView } from '#app/ports/code-host.ts';
import { type CommandRule, reservedFor } from '#workers/reserved-commands.ts';

/** Groups with the levels of their members; one that is not here is not shown to us. */
const GROUPS: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  'infra/operators': { 7: 40, 8: 20 },
  'infra/admins': { 9: 50 },
};

const host = {
  groupMember(group: string, id: number): Promise<HostAnswer<MemberView | undefined>> {
    const members = GROUPS[group];
    if (members === undefined) return Promise.resolve({ ok: false, reason: `${group} is not shown to us` });
    const accessLevel = members[id];
    const value = accessLevel === undefined ? undefined : { id, username: `user-${id}`, accessLevel };
    return Promise.resolve({ ok: true, value });
  },
};

const operators: CommandRule = { verbs: ['apply', 'unlock'], groups: ['infra/operators'] };

function reserved(
  rules: readonly CommandRule[],
  id: number,
  verb: 'apply' | 'plan' = 'apply',
  accessLevel = 30,
) {
  return reservedFor(host, rules, { verb }, { id, accessLevel });
}

describe('a command that is reserved', () => {
  test('is given by members of any of the groups, and by nobody else', async () => {
    const both = { ...operators, groups: ['infra/operators', 'infra/admins'] };
    expect(await reserved([both], 7)).toEqual([]);
    expect(await reserved([both], 9)).toEqual([]);
    expect(await reserved([both], 3)).toEqual([
      { verb: 'apply', needs: 'members of infra/operators or infra/admins' },
    ]);
  });

  test('leaves other commands to those who may give them', async () => {
    expect(await reserved([operators], 3, 'plan')).toEqual([]);
  });

  test('needs the level in the group that is asked for there', async () => {
    const maintainers = { ...operators, accessLevel: 40 };
    expect(await reserved([maintainers], 7)).toEqual([]);
    expect(await reserved([maintainers], 8)).toEqual([
      { verb: 'apply', needs: 'those who are at least a Maintainer of infra/operators' },
    ]);
  });

  test('without groups needs the level in the project', async () => {
    const rule = { verbs: ['apply'], groups: [], accessLevel: 50 };
    expect(await reserved([rule], 3, 'apply', 50)).toEqual([]);
    expect(await reserved([rule], 3, 'apply', 40)).toEqual([
      { verb: 'apply', needs: 'those who are at least an Owner of this project' },
    ]);
  });

  test('in some projects says in which', async () => {
    expect(await reserved([{ ...operators, projects: ['fin/prod/**'] }], 3)).toEqual([
      { verb: 'apply', needs: 'members of infra/operators', projects: ['fin/prod/**'] },
    ]);
  });

  test('for a group that is not shown to us is reserved, and says that it could not be seen', async () => {
    const unknown = { verbs: ['apply'], groups: ['secret', 'infra/admins'] };
    expect(await reserved([unknown], 3)).toEqual([
      { verb: 'apply', needs: 'members of secret or infra/admins', unseen: 'secret is not shown to us' },
    ]);
    expect(await reserved([unknown], 9)).toEqual([]);
  });

  test('has to meet every rule about it', async () => {
    const admins = { verbs: ['apply'], groups: ['infra/admins'] };
    expect((await reserved([operators, admins], 7)).map(({ needs }) => needs)).toEqual([
      'members of infra/admins',
    ]);
  });
});
