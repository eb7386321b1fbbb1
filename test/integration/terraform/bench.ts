import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createTerraform } from '#adapters/terraform/create-terraform.ts';
import type { TerraformOptions } from '#adapters/terraform/create-terraform.ts';
import type {
  OutputLine,
  PlanOutcome,
  PlanRequest,
  PlannedOutcome,
  PreparedApply,
  RunCredentials,
  RunHooks,
  Terraform,
} from '#app/ports/terraform.ts';
import { DEFAULT_WORKFLOW } from '#domain/workflow.ts';
import { readUiLine } from '#domain/plan/ui-line.ts';
import { startStateServer } from './state-server.ts';
import type { StateServer } from './state-server.ts';

/** A place to run terraform in: a run root, and a state behind HTTP. */
export interface Bench {
  base: string;
  runRoot: string;
  states: StateServer;
  /** A worker of its own; several may share the run root, as on several machines. */
  worker(options?: Partial<TerraformOptions>): Terraform;
  close(): Promise<void>;
}

export async function startBench(): Promise<Bench> {
  const base = await mkdtemp(join(tmpdir(), 'countersign-terraform-'));
  // Runs of other users pass through here.
  await chmod(base, 0o711);
  const states = await startStateServer();
  const runRoot = join(base, 'runs');
  return {
    base,
    runRoot,
    states,
    worker: (options = {}) => createTerraform({ binary: 'terraform', runRoot, ...options }),
    async close() {
      await states.close();
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** The folders of runs, without what is kept between them. */
export async function runFolders({ runRoot }: Bench): Promise<string[]> {
  return (await readdir(runRoot)).filter((name) => name !== 'init-cache');
}

export const limits = {
  wallMs: 25_000,
  outputBytes: 4_000_000,
  planJsonBytes: 4_000_000,
  memoryBytes: 2_000_000_000,
};

export type Files = Record<string, string>;

export function backend({ states }: Bench): string {
  return `terraform {
  backend "http" {
    address        = "${states.url}"
    lock_address   = "${states.url}"
    unlock_address = "${states.url}"
  }
}
`;
}

export function planRequest(files: Files, overrides: Partial<PlanRequest> = {}): PlanRequest {
  return {
    folderKey: 'change-1/project/sha',
    dir: '.',
    workspace: 'default',
    credentials: noCredentials,
    limits,
    variables: {},
    varFiles: [],
    binary: { distribution: 'terraform' },
    workflow: DEFAULT_WORKFLOW,
    hooks: noHooks,
    adjustments: [],
    materialize: (target) => writeFiles(target, files),
    ...overrides,
  };
}

export const noHooks: RunHooks = { prePlan: [], postPlan: [], preApply: [], postApply: [] };

export const noCredentials: RunCredentials = { environment: {}, secrets: [] };

export async function writeFiles(target: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), content);
  }
}

export async function plan(
  terraform: Terraform,
  request: PlanRequest,
  signal = new AbortController().signal,
): Promise<{ outcome: PlanOutcome; lines: OutputLine[] }> {
  const lines: OutputLine[] = [];
  const outcome = await terraform.plan(request, (line) => lines.push(line), signal);
  return { outcome, lines };
}

export async function planned(terraform: Terraform, request: PlanRequest): Promise<PlannedOutcome> {
  const { outcome } = await plan(terraform, request);
  if (outcome.kind !== 'planned') throw new Error(`not planned: ${JSON.stringify(outcome)}`);
  return outcome;
}

export async function prepared(
  terraform: Terraform,
  bundle: Buffer,
  folderKey: string,
): Promise<PreparedApply> {
  const preparation = await terraform.prepareApply(
    { folderKey, dir: '.', workspace: 'default', credentials: noCredentials, limits, bundle },
    () => undefined,
  );
  if (preparation.kind !== 'prepared') throw new Error(`not prepared: ${JSON.stringify(preparation)}`);
  return preparation.apply;
}

export interface Spawned {
  pid: number;
  lines: string[];
  ended: Promise<{ exit: number | { signal: string }; started: string[]; lines: string[] }>;
  /** Resolves when a line contains the text. */
  said(text: string): Promise<void>;
}

/** Runs the command as the supervisor does. */
export function spawnApply({ command }: PreparedApply): Spawned {
  const { file, argv, cwd, env, uid, gid } = command;
  const child = spawn(file, [...argv], {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const lines: string[] = [];
  const listeners: { text: string; resolve: () => void }[] = [];
  let rest = '';
  const read = (chunk: Buffer) => {
    const parts = (rest + chunk.toString('utf8')).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    for (const each of listeners) if (lines.some((line) => line.includes(each.text))) each.resolve();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const ended = new Promise<Awaited<Spawned['ended']>>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({
        exit: signal === null ? (code ?? 1) : { signal },
        started: lines.flatMap((line) => readUiLine(line).applyStarted ?? []),
        lines,
      }),
    );
  });
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    said: (text) => new Promise((resolve) => listeners.push({ text, resolve })),
  };
}
