import type { RootModule } from '#app/ports/source.ts';
import { type Resolution, readRepositoryFile, resolveRepository, type ServerSide } from '#src/config.ts';
import { type ServerRepository, serverRepositorySchema } from '#src/config/repository/server-schema.ts';
import { tierSchema } from '#src/config/tier-schema.ts';
import { serverWorkflowSchema } from '#src/config/repository/workflow-schema.ts';

/** A root module as `listRoots` would tell of it. */
export function root(dir: string, told: Partial<RootModule> = {}): RootModule {
  const localModules = told.localModules ?? [];
  return {
    dir,
    calledByOthers: false,
    localModules,
    readsFiles: [],
    readsUnknownFiles: false,
    declaresApprovalId: false,
    inputs: [dir, ...localModules].sort().map((path) => ({ path, id: `id of ${path}` })),
    remoteStates: [],
    composition: { modules: [], providers: [] },
    problems: [],
    ...told,
  };
}

/** Two environments of two networks, and what they share. */
export const TREE: readonly RootModule[] = [
  root('biz/dev/app'),
  root('biz/dev/network'),
  root('examples/vpc'),
  root('fin/prod/app', { localModules: ['modules/vpc'] }),
  root('fin/prod/network'),
  root('modules/vpc', { calledByOthers: true }),
];

/** The server's word: production on command and labelled, development as it likes. */
export function server(told: Partial<Record<keyof ServerRepository, unknown>> = {}): ServerSide {
  return {
    repository: serverRepositorySchema.parse({
      id: 101,
      projects: [
        { match: 'fin/prod/**', applyOn: 'command', labels: { env: 'prod' }, holdFrom: 'plan' },
        {
          match: '**',
          applyOn: 'approval',
          allow: {
            settings: ['workspaces', 'terraform', 'labels', 'workflows'],
            workflows: ['careful'],
            tiers: ['light'],
          },
        },
      ],
      ...told,
    }),
    workflows: {
      careful: serverWorkflowSchema.parse({
        plan: ['init', { step: 'run', name: 'scan', command: ['scan', '.'] }, 'plan', 'show', 'check'],
      }),
      secret: serverWorkflowSchema.parse({}),
    },
    hooks: [],
    tiers: ['light', 'normal', 'high'].map((name) =>
      tierSchema.parse({ name, ...(name === 'light' ? { standing: true } : {}) }),
    ),
  };
}

/** What the text comes to for the tree, problems of reading it included. */
export function resolved(
  text: string | undefined,
  tree: readonly RootModule[] = TREE,
  side: ServerSide = server(),
): Resolution {
  const reading = readRepositoryFile(text);
  if (reading.ok) return resolveRepository(side, reading.file, tree);
  const { repository } = resolveRepository(side, NO_FILE, []);
  return { projects: [], repository, problems: reading.problems, unknown: [], warnings: [] };
}

const none = readRepositoryFile(undefined);
if (!none.ok) throw new Error('no file is no problem');
const NO_FILE = none.file;

export const told = (list: readonly { place: string; what: string }[]): string[] =>
  list.map(({ place, what }) => `${place}: ${what}`);

export const keys = ({ projects }: Resolution): string[] => projects.map(({ target }) => target.key);
