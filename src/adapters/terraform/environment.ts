import { Fault } from '#domain/fault.ts';
import { refusedVariable } from '#domain/workflow-rules.ts';
import type { RunCredentials } from '#app/ports/terraform.ts';
import type { RunFolder } from './run-folder.ts';

/** The search path inside a run. */
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The whole environment of a run, built from nothing: every provider process inherits all of it
 * (https://github.com/hashicorp/terraform/issues/37967). Credentials cannot replace what keeps the run in its place.
 */
export function runEnvironment(
  folder: RunFolder,
  run: { workspace: string; credentials: RunCredentials; variables: Readonly<Record<string, string>> },
): Record<string, string> {
  return {
    ...run.credentials.environment,
    ...Object.fromEntries(Object.entries(run.variables).map(([name, value]) => [variableName(name), value])),
    ...(run.workspace === 'default' ? {} : { TF_WORKSPACE: run.workspace }),
    PATH: searchPath,
    HOME: folder.home,
    TMPDIR: `${folder.home}/tmp`,
    LANG: 'C.UTF-8',
    TF_CLI_CONFIG_FILE: folder.cliConfig,
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
    // Fewer collections for more memory: a plan with a large provider takes a sixth less CPU.
    GOGC: '400',
  };
}

/**
 * Why a workflow may not set a variable in this run; undefined when it may. A value of its own in the place of a
 * credential would send the run somewhere else.
 */
export function refusedInRun(name: string, { environment }: RunCredentials): string | undefined {
  return (
    refusedVariable(name) ??
    (Object.hasOwn(environment, name) ? `${name} is a credential of this run` : undefined)
  );
}

function variableName(name: string): string {
  if (!/^[A-Za-z_][\w-]*$/u.test(name))
    throw new Fault('bad-variable', `"${name}" is no name of a variable`, { retryable: false });
  return `TF_VAR_${name}`;
}
