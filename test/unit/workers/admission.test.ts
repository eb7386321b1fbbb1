import { describe, expect, test } from 'vitest';
import type { MergeRequestView } from '#app/ports/code-host.ts';
import { refusedAtSight, refusedByRepository } from '#workers/admission.ts';
import type { WorkerContext } from '#workers/context.ts';

const ref = { repository: 7, iid: 1 };
const view = { sourceRepository: 7, targetBranch: 'main', authorId: 3, authorUsername: 'erin', draft: false };

describe('before anything of the repository is read', () => {
  const refused = async (
    edit: Partial<MergeRequestView>,
    admission: { branches: readonly string[]; forks: 'refuse' | 'plan' },
    accessLevel = 30,
  ) => {
    const context = {
      codeHost: { member: async () => ({ id: 3, username: 'erin', accessLevel }) },
      settings: { admission: () => admission, accessLevels: { plan: 30, apply: 40 } },
    };
    const seen = await refusedAtSight(context as unknown as WorkerContext, ref, {
      ...(view as MergeRequestView),
      ...edit,
    });
    return seen?.code;
  };

  test('forks are refused unless the server wants them planned', async () => {
    const fork = { sourceRepository: 8 };
    expect(await refused(fork, { branches: ['**'], forks: 'refuse' })).toBe('fork');
    expect(await refused(fork, { branches: ['**'], forks: 'plan' })).toBeUndefined();
    expect(await refused({}, { branches: ['**'], forks: 'refuse' })).toBeUndefined();
  });

  test('so is what goes to other branches, and what comes from people without a role', async () => {
    const admission = { branches: ['main', 'release/*'], forks: 'refuse' } as const;
    expect(await refused({ targetBranch: 'release/1.2' }, admission)).toBeUndefined();
    expect(await refused({ targetBranch: 'feature' }, admission)).toBe('branch');
    expect(await refused({}, admission, 20)).toBe('author-role');
  });
});

test('a repository narrows the branches further, and says whether drafts are planned', () => {
  const settings = {
    branches: ['main'],
    drafts: 'ignore',
    mergeAfterApply: true,
    silence: [],
    projectStatuses: false,
    calendar: { windows: [], freezes: [] },
    volatile: [],
  } as const;
  const draft = { draft: true, targetBranch: 'main' };
  expect(refusedByRepository(settings, { draft: false, targetBranch: 'main' })).toBeUndefined();
  expect(refusedByRepository(settings, { draft: false, targetBranch: 'release/1.2' })?.code).toBe('branch');
  expect(refusedByRepository(settings, draft)?.code).toBe('draft');
  expect(refusedByRepository({ ...settings, drafts: 'plan' }, draft)).toBeUndefined();
});
