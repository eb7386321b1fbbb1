import { expect, test } from 'vitest';
import type { MergeRequestView } from '#app/ports/code-host.ts';
import type { CataloguedProject } from '#app/ports/project-catalogue.ts';
import type { RequestedProjects } from '#domain/change.ts';
import { newChange } from '#domain/decide.ts';
import { DEFAULT_WORKFLOW } from '#domain/workflow.ts';
import type { WorkerContext } from '#workers/context.ts';
import { readContents } from '#workers/read-contents.ts';

const HEAD = 'a'.repeat(40);
const TARGET = 'b'.repeat(40);
const PLACE = 'countersign.yaml:4:5';

const view: MergeRequestView = {
  url: '',
  title: '',
  description: '',
  state: 'open',
  draft: false,
  authorId: 7,
  authorUsername: 'mara',
  sourceRepository: 1,
  sourceBranch: 'widen',
  targetBranch: 'main',
  headSha: HEAD,
  mergedSha: undefined,
  mergeable: { answer: 'yes', reason: '' },
};

function project(dir: string, autoplan: boolean): CataloguedProject {
  return {
    target: {
      key: dir,
      name: dir,
      dir,
      workspace: 'default',
      applyOn: 'approval',
      holdFrom: 'apply',
      declaresApprovalId: false,
      inputsId: '',
      inputPaths: [dir],
    },
    settings: {
      binary: { distribution: 'terraform' },
      varFiles: [],
      labels: {},
      workflow: DEFAULT_WORKFLOW,
      hooks: { prePlan: [], postPlan: [], preApply: [], postApply: [] },
      whenModified: [],
      autoplan,
      dependsOn: [],
      orderGroup: 0,
      tier: 'normal',
    },
    origins: [{ setting: 'autoplan', value: autoplan, place: PLACE }],
    stateProblems: [],
    readsStateOf: [],
    settingsHash: dir,
    isTouchedBy: (path) => path.startsWith(`${dir}/`),
  };
}

/** What is read of a merge request that changes `app` and `db`, of which the second is planned only on demand. */
async function contents(requested: readonly RequestedProjects[] = []) {
  const context = {
    catalogue: {
      read: async () => ({
        ok: true,
        catalogue: {
          projects: [project('app', true), project('db', false), project('web', false)],
          repository: {
            branches: ['**'],
            drafts: 'ignore',
            mergeAfterApply: true,
            silence: [],
            projectStatuses: false,
            volatile: [],
          },
          rules: [],
          tierRules: [],
          warnings: [],
        },
      }),
    },
    checks: { policyHash: () => '' },
    codeHost: {
      branch: async () => ({ headSha: TARGET, isProtected: true, developersMayPush: false }),
      pushes: async function* () {
        yield [{ by: 7, moved: { from: undefined, to: HEAD } }];
      },
      self: async () => ({ id: 99, username: 'countersign' }),
    },
    ledger: { now: async () => '2026-11-01T10:00:00Z' },
    settings: { gates: { voidedBy: 'inputs' } },
    source: {
      fetch: async () => undefined,
      mergeBase: async () => TARGET,
      changedPaths: async () => ['app/main.tf', 'db/main.tf'],
      commits: async () => [],
    },
  } as unknown as WorkerContext;
  const change = { ...newChange('chg', { repository: 1, iid: 12 }), requested };
  const read = await readContents(context, change, view);
  if (read.contents === undefined) throw new Error(read.notAdmitted?.reason);
  return read.contents;
}

test('a project that is touched and waits to be asked for is told, and nothing is merged without it by itself', async () => {
  const { projects, warnings, mergeAfterApply } = await contents();
  expect(projects.map(({ key }) => key)).toEqual(['app']);
  expect(warnings).toEqual([
    { place: PLACE, what: expect.stringContaining('countersign plan -p db') as string },
  ]);
  expect(mergeAfterApply).toBe(false);
});

test('once it is asked for it is planned with the rest, and merged with it', async () => {
  const { projects, warnings, mergeAfterApply } = await contents([{ noteId: 5, select: { project: 'db' } }]);
  expect(projects.map(({ key }) => key)).toEqual(['app', 'db']);
  expect([warnings, mergeAfterApply]).toEqual([[], true]);
});
