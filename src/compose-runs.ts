import { readFile } from 'node:fs/promises';
import { createPlanStore } from '#adapters/plan-store/sealed-plan-store.ts';
import { createFileShelf } from '#adapters/plan-store/file-shelf.ts';
import { sealBundle } from '#adapters/plan-store/seal.ts';
import { createTerraform } from '#adapters/terraform/create-terraform.ts';
import type { RunCredentials, RunLimits } from '#app/ports/terraform.ts';
import { Fault } from '#domain/fault.ts';
import { createDatabaseShelf } from '#store/bundle-shelf.ts';
import type { composeBase } from './compose.ts';
import { type Config, defaultBinary, runVariables, type Secrets } from './config.ts';

/** What runs terraform: the supervisor has this and no more, least of all a token of GitLab or JIRA. */
export function composeRuns(config: Config, secrets: Secrets, db: ReturnType<typeof composeBase>['db']) {
  const [first, ...others] = secrets.bundleKeys;
  if (first === undefined) throw new Error('configuration without a bundle key');
  const keys = [first, ...others] as const;
  const { terraform } = config;
  const range = terraform.uidRange;
  return {
    planStore: createPlanStore({
      keys,
      shelf: config.bundleDir === undefined ? createDatabaseShelf(db) : createFileShelf(config.bundleDir),
    }),
    terraform: createTerraform({
      binary: terraform.binary,
      ...defaultBinary(terraform),
      ...(terraform.version === undefined ? {} : { version: terraform.version }),
      binaries: terraform.binaries,
      runRoot: terraform.runRoot,
      ...(range === undefined ? {} : { uids: { first: range[0], count: range[1] - range[0] + 1 } }),
      ...(terraform.providerMirror === undefined ? {} : { providerMirror: terraform.providerMirror }),
    }),
    sealState: (attemptId: string, state: Buffer) =>
      sealBundle(state, { planRunId: attemptId, digest: 'errored.tfstate' }, keys),
    spoolDir: config.spoolDir,
    settings: {
      credentials: (repository: number, dir: string, phase: 'plan' | 'apply') =>
        readCredentials(config, repository, dir, phase),
      limits: (phase: 'plan' | 'state' | 'apply') => limitsOf(config, phase),
    },
  };
}

/** The run's variables, read anew for each run, since others rotate the files. Those from files are secrets. */
async function readCredentials(
  config: Config,
  repository: number,
  dir: string,
  phase: 'plan' | 'apply',
): Promise<RunCredentials> {
  const variables = Object.entries(runVariables(config, { repository, dir }, phase));
  const read = await Promise.all(
    variables.map(async ([name, value]) => {
      if (typeof value === 'string') return { name, value, secret: false };
      const text = await readFile(value.file, 'utf8').catch(() => {
        throw new Fault('credentials-missing', `the file for ${name} cannot be read`, { retryable: true });
      });
      return { name, value: text.replace(/\r?\n$/, ''), secret: true };
    }),
  );
  return {
    environment: Object.fromEntries(read.map(({ name, value }) => [name, value])),
    secrets: read.filter(({ secret }) => secret).map(({ value }) => value),
  };
}

function limitsOf({ terraform: { limits } }: Config, phase: 'plan' | 'state' | 'apply'): RunLimits {
  const seconds = { plan: limits.planSeconds, state: limits.stateSeconds, apply: limits.applySeconds };
  return {
    wallMs: seconds[phase] * 1000,
    outputBytes: limits.outputBytes,
    planJsonBytes: limits.planJsonBytes,
    memoryBytes: limits.memoryBytes,
  };
}
