import type { Workflow, WorkflowStep } from './workflow.ts';

type TerraformStep = Extract<WorkflowStep, { extraArgs: readonly string[] }>['step'];

const COUNT = String.raw`[1-9]\d{0,2}`;
const DURATION = String.raw`\d{1,4}[smh]`;
const FILE_BELOW = String.raw`(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,89}\/)*[A-Za-z0-9_][A-Za-z0-9_.-]{0,89}`;

/**
 * What a workflow may add to each command. Left out is what would take a run out of its folder or of what was approved:
 * `-chdir`, `-plugin-dir`, `-state`, `-out`, `-var` (var files are reviewed), `-upgrade` and `-lockfile`, `-lock=false`;
 * and what would make a plan of a part (`-target`, `-exclude`) or of something else (`-replace`, `-destroy`), after which
 * the release tag would say of a commit that it was applied when it was not. A `-backend-config` is a file of the project,
 * since values on a command line would be shown; credentials come by environment.
 */
const ALLOWED: Readonly<Record<TerraformStep, readonly RegExp[]>> = {
  init: [/^-reconfigure$/u, new RegExp(`^-backend-config=${FILE_BELOW}$`, 'u')],
  plan: [
    new RegExp(`^-parallelism=${COUNT}$`, 'u'),
    /^-refresh=(?:true|false)$/u,
    /^-compact-warnings$/u,
    new RegExp(`^-lock-timeout=${DURATION}$`, 'u'),
  ],
  show: [],
  check: [],
  apply: [
    new RegExp(`^-parallelism=${COUNT}$`, 'u'),
    /^-compact-warnings$/u,
    new RegExp(`^-lock-timeout=${DURATION}$`, 'u'),
  ],
};

/** What may be added to a step, in words for people. */
const OFFERED: Readonly<Record<TerraformStep, string>> = {
  init: '-reconfigure, -backend-config=FILE (below the project)',
  plan: '-parallelism=N, -refresh=true|false, -lock-timeout=DURATION, -compact-warnings',
  show: 'nothing',
  check: 'nothing',
  apply: '-parallelism=N, -lock-timeout=DURATION, -compact-warnings',
};

/** Why an argument may not be added to a step; undefined when it may. */
export function refusedArgument(step: TerraformStep, argument: string): string | undefined {
  if (ALLOWED[step].some((pattern) => pattern.test(argument))) return undefined;
  return `"${argument}" may not be added to ${step}; allowed: ${OFFERED[step]}`;
}

/** Set by the service, or read by programs before their own arguments: who sets them has the run. */
const PROTECTED = [
  /^(?:TF|LD|DYLD|COUNTERSIGN|TOFU|OPENTOFU|GIT|SSH|XDG|BASH|PYTHON|PERL|PERL5|RUBY|NODE)_/u,
  /^(?:PATH|HOME|TMPDIR|TMP|TEMP|LANG|SHELL|SHELLOPTS|BASHOPTS|USER|LOGNAME|PWD|IFS|ENV|CDPATH|PS4)$/u,
  /^(?:CHECKPOINT_DISABLE|GOGC|GODEBUG|GOMEMLIMIT|GOTRACEBACK|GCONV_PATH|PYTHONPATH|PYTHONSTARTUP|PERL5LIB|PERL5OPT|RUBYOPT|RUBYLIB|GLIBC_TUNABLES|HOSTALIASES|LOCALDOMAIN|RES_OPTIONS)$/u,
  /^(?:https?|all|no|ftp)_proxy$/iu,
  /^(?:SSL_CERT_FILE|SSL_CERT_DIR|SSLKEYLOGFILE)$/u,
];

/** Why a workflow may not set a variable; undefined when it may. */
export function refusedVariable(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/u.test(name)) return `"${name}" is no name of a variable`;
  if (name.startsWith('TF_VAR_')) return `${name} is a value of a variable: put it into a var file`;
  return PROTECTED.some((pattern) => pattern.test(name)) ? `${name} is not a workflow's to set` : undefined;
}

/** What is wrong with a workflow, each in one sentence; nothing when it can be run. */
export function workflowProblems({ plan, apply }: Pick<Workflow, 'plan' | 'apply'>): string[] {
  return [
    ...orderProblems('plan', plan, ['init', 'plan', 'show', 'check']),
    ...orderProblems('apply', apply, ['init', 'apply']),
    ...[...plan, ...apply].flatMap(stepProblems),
  ];
}

/** Each of its own steps once and in their order; what else there is may stand anywhere between. */
function orderProblems(
  phase: 'plan' | 'apply',
  steps: readonly WorkflowStep[],
  order: readonly TerraformStep[],
): string[] {
  const own = steps.flatMap(({ step }) => (step === 'env' || step === 'run' ? [] : [step]));
  const isInOrder = own.length === order.length && own.every((step, index) => step === order[index]);
  return isInOrder ? [] : [`${phase}: expected the steps ${order.join(', ')}, each once and in this order`];
}

function stepProblems(step: WorkflowStep): string[] {
  switch (step.step) {
    case 'env': {
      const refused = refusedVariable(step.name);
      return refused === undefined ? [] : [refused];
    }
    case 'run':
      return runProblems(step);
    case 'init':
    case 'plan':
    case 'show':
    case 'check':
    case 'apply':
      return step.extraArgs.flatMap((argument) => refusedArgument(step.step, argument) ?? []);
  }
}

/** A path that is relative would be a program of the merge request. */
function runProblems({ name, command: [program = ''] }: Extract<WorkflowStep, { step: 'run' }>): string[] {
  if (/^(?:\/[^/\0]+)+$/u.test(program) || /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/u.test(program)) return [];
  return [`step "${name}": expected a program by its absolute path, or by a name on the PATH of runs`];
}
