import { describe, expect, test } from 'vitest';
import type { PushView } from '#app/ports/code-host.ts';
import type { Revision } from '#domain/change.ts';
import { whoPushed } from '#workers/who-pushed.ts';
import { sha } from '../core/facts.ts';

const [ANN, PETE, ZOE] = [7, 12, 15];
const [OLD_TARGET, TARGET] = [sha('0'), sha('1')];
const [FIRST, SECOND, THIRD] = [sha('a'), sha('b'), sha('c')];

const moves = (by: number | undefined, from: string | undefined, to: string | undefined): PushView => ({
  by,
  moved: { from, to },
});
const made = (by: number, to: string) => moves(by, undefined, to);

const view = { headSha: THIRD, sourceBranch: 'widen', sourceRepository: 1, targetBranch: 'main' };

/** Asks, where GitLab tells of these pushes, newest first; `read` are the pages that it was asked for. */
async function ask(
  pages: readonly (readonly PushView[])[],
  revision?: Pick<Revision, 'headSha' | 'pushers'> & Partial<Revision>,
  over: Partial<typeof view> = {},
  late: PushView[] = [],
) {
  let read = 0;
  let told = pages;
  const codeHost = {
    async *pushes() {
      for (const page of told) {
        read += 1;
        yield page;
      }
    },
  };
  /** Meanwhile GitLab writes down what it is late with. */
  const pause = async () => {
    told = [late, ...pages];
  };
  const source = {
    contains: async (_repository: number, head: string, commit: string) =>
      head === TARGET && [TARGET, OLD_TARGET].includes(commit),
  };
  const known = revision === undefined ? {} : { revision: { targetBranch: 'main', ...revision } as Revision };
  const change = { mergeRequest: { repository: 1, iid: 12 }, ...known };
  const pushers = await whoPushed({ codeHost, source, pause }, change, { ...view, ...over }, TARGET);
  return { pushers: pushers?.toSorted((a, b) => a - b), read };
}

describe('everyone who pushed the branch is known', () => {
  test('back to the push that made it', async () => {
    const pushes = [moves(PETE, SECOND, THIRD), moves(ANN, FIRST, SECOND), made(ZOE, FIRST)];
    expect((await ask([pushes])).pushers).toEqual([ANN, PETE, ZOE]);
  });

  test('back to where it left the target branch: who pushed what is merged since is nobody of this change', async () => {
    const pushes = [moves(ANN, OLD_TARGET, THIRD), moves(PETE, SECOND, OLD_TARGET), made(ZOE, SECOND)];
    expect((await ask([pushes])).pushers).toEqual([ANN]);
  });

  test('however long ago they pushed, and no further back than it takes', async () => {
    const pages = [[moves(ANN, SECOND, THIRD)], [], [moves(PETE, FIRST, SECOND), made(ANN, FIRST)], []];
    expect(await ask(pages)).toEqual({ pushers: [ANN, PETE], read: 3 });
  });

  test('also whose push another one went over', async () => {
    const forced = [moves(ANN, SECOND, THIRD), moves(PETE, FIRST, SECOND), made(ANN, FIRST)];
    expect((await ask([forced])).pushers).toEqual([ANN, PETE]);
  });

  test('where it was removed and made again', async () => {
    const pushes = [moves(ANN, FIRST, THIRD), made(ANN, FIRST), moves(ZOE, SECOND, undefined)];
    expect((await ask([[...pushes, made(PETE, SECOND)]])).pushers).toEqual([ANN]);
  });

  test('and so is whoever pushed many branches at once meanwhile, since it may have been among them', async () => {
    const pushes = [moves(ANN, FIRST, THIRD), { by: PETE }, made(ANN, FIRST), { by: ZOE }];
    expect((await ask([pushes])).pushers).toEqual([ANN, PETE]);
  });
});

test('the push of the head is waited for where GitLab has not written it down yet, once', async () => {
  const late = [moves(PETE, FIRST, THIRD)];
  expect(await ask([[made(ANN, FIRST)]], undefined, {}, late)).toEqual({ pushers: [ANN, PETE], read: 3 });
  expect(await ask([[made(ANN, FIRST)]])).toEqual({ pushers: undefined, read: 3 });
});

describe('somebody who pushed might be missing, so nobody knows', () => {
  test.each([
    ['the push of the head is not written down yet', [moves(ANN, FIRST, SECOND), made(ANN, FIRST)]],
    ['a push between two others is not', [moves(ANN, SECOND, THIRD), made(ANN, FIRST)]],
    ['the first ones are not kept any more', [moves(ANN, SECOND, THIRD), moves(ANN, FIRST, SECOND)]],
    ['GitLab does not name somebody', [moves(undefined, FIRST, THIRD), made(ANN, FIRST)]],
    ['many branches were pushed at once and it was made then', [moves(ANN, FIRST, THIRD), { by: ANN }]],
    [
      'it was pushed away and back again, by others than made it',
      [moves(ANN, SECOND, THIRD), moves(ANN, THIRD, SECOND)],
    ],
    ['nobody pushed it', []],
  ] satisfies [string, PushView[]][])('where %s', async (_where, pushes) => {
    expect((await ask([pushes])).pushers).toBeUndefined();
  });

  test('of a fork, whose pushes are told to its own project', async () => {
    expect(await ask([[made(ANN, THIRD)]], undefined, { sourceRepository: 2 })).toEqual({
      pushers: undefined,
      read: 0,
    });
  });
});

describe('of a later revision', () => {
  const before = { headSha: SECOND, pushers: [ANN] };

  test('who pushed while the one before was being read and recorded is a pusher, whatever the clocks say', async () => {
    const pushes = [moves(ANN, FIRST, THIRD), moves(PETE, SECOND, FIRST), made(ANN, SECOND)];
    expect((await ask([pushes], before)).pushers).toEqual([ANN, PETE]);
    const alone = [moves(PETE, SECOND, THIRD), made(ANN, SECOND)];
    expect((await ask([alone], before)).pushers).toEqual([ANN, PETE]);
  });

  test('GitLab is asked no further back than the one whose pushers are known', async () => {
    expect(await ask([[moves(PETE, SECOND, THIRD)], [made(ZOE, FIRST)]], before)).toEqual({
      pushers: [ANN, PETE],
      read: 1,
    });
  });

  test('the same head is not asked about twice', async () => {
    expect(await ask([], { headSha: THIRD, pushers: [ANN] })).toEqual({ pushers: [ANN], read: 0 });
  });

  test('what was not told once is asked again, for the same head and for the next', async () => {
    const pushes = [moves(PETE, SECOND, THIRD), made(ANN, SECOND)];
    for (const headSha of [SECOND, THIRD])
      expect((await ask([pushes], { headSha, pushers: undefined })).pushers).toEqual([ANN, PETE]);
  });

  test('a revision for another target branch says nothing of what is new to this one, and its pushers count on', async () => {
    const other = { headSha: SECOND, pushers: [ZOE], targetBranch: 'release' };
    expect((await ask([[moves(PETE, SECOND, THIRD)]], other)).pushers).toBeUndefined();
    const pushes = [moves(PETE, SECOND, THIRD), made(ANN, SECOND)];
    expect((await ask([pushes], other)).pushers).toEqual([ANN, PETE, ZOE]);
  });
});
