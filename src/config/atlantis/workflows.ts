import { refusedVariable } from '#domain/workflow-rules.ts';
import { plainWords, terraformLine } from './command-line.ts';
import { readArguments } from './arguments.ts';
import type { AtlantisStep, AtlantisWorkflow } from './schema.ts';
import type { Tell } from './tell.ts';

type Step =
  | string
  | { step: 'init' | 'plan' | 'apply'; extraArgs: string[] }
  | { step: 'env'; name: string; value: string }
  | { step: 'run'; name: string; command: string[]; output?: 'hide' };

/** A workflow as our files write it, and what of Atlantis' workflow is said elsewhere here. */
export interface TranslatedWorkflow {
  /** Phases that are not the default ones; none: the workflow is the default one and needs no name. */
  phases: { plan?: Step[]; apply?: Step[] };
  /** Of `plan`, relative to each project's folder, `$WORKSPACE` included. */
  varFiles: string[];
  /** It runs programs, so it can stand in the server's file only. */
  serverOnly: boolean;
}

/** What may stand between the steps that are always there; each list follows the step it is named after. */
type Slots = Record<'start' | 'init' | 'last', Step[]>;

/** Reads the stages of a workflow; what cannot be carried over is told with its place. */
export function translateWorkflow(workflow: AtlantisWorkflow, tell: Tell): TranslatedWorkflow {
  const told = tellStages(workflow, tell);
  const plan = translateStage('plan', workflow.plan?.steps ?? [], (what, ...at) =>
    told(what, 'plan', 'steps', ...at),
  );
  const apply = translateStage('apply', workflow.apply?.steps ?? [], (what, ...at) =>
    told(what, 'apply', 'steps', ...at),
  );
  return {
    phases: {
      ...(plan.steps === undefined ? {} : { plan: plan.steps }),
      ...(apply.steps === undefined ? {} : { apply: apply.steps }),
    },
    varFiles: plan.varFiles,
    serverOnly: [...(plan.steps ?? []), ...(apply.steps ?? [])].some(isServerOnly),
  };
}

function tellStages(workflow: AtlantisWorkflow, tell: Tell): Tell {
  if (workflow.policy_check !== undefined)
    tell('checks are rules of policies/*.yaml and of the server, asked of every plan', 'policy_check');
  for (const stage of ['import', 'state_rm'] as const)
    if (workflow[stage] !== undefined)
      tell(
        'what a comment imports or removes is part of a plan like any other, with the steps of plan',
        stage,
      );
  return tell;
}

function isServerOnly(step: Step): boolean {
  return typeof step !== 'string' && step.step === 'run';
}

function translateStage(
  stage: 'plan' | 'apply',
  steps: readonly AtlantisStep[],
  tell: Tell,
): { steps?: Step[]; varFiles: string[] } {
  const slots: Slots = { start: [], init: [], last: [] };
  const args: Record<string, string[]> = {};
  const varFiles: string[] = [];
  let slot: keyof Slots = 'start';

  const builtIn = (name: string, given: readonly string[], at: readonly PropertyKey[]): void => {
    if (name === 'show' || name === 'policy_check' || name === 'version') return;
    if (name !== 'init' && name !== stage) {
      tell(`the step ${name} has no place in ${stage} here`, ...at);
      return;
    }
    const read = readArguments(name, given);
    args[name] = [...(args[name] ?? []), ...read.extraArgs];
    slot = name === 'init' ? 'init' : 'last';
    for (const lost of read.lost) tell(lost, ...at);
    if (name === 'plan') varFiles.push(...read.varFiles);
    else if (read.varFiles.length > 0)
      tell('variables belong to the plan: an apply takes the values of the plan it applies', ...at);
  };

  for (const [index, step] of steps.entries()) {
    if (typeof step === 'string') builtIn(step, [], [index]);
    else if (step.run !== undefined) run(step.run, index);
    else if (step.env !== undefined) setVariable(step.env, index);
    else {
      const [name = ''] = Object.keys(step);
      if (name === 'init' || name === 'plan' || name === 'apply')
        builtIn(name, step[name]?.extra_args ?? [], [index, name]);
      else if (name === 'multienv')
        tell(
          'variables from a command: set them as credentials of the server, or each as an env step',
          index,
          name,
        );
      else builtIn(name, [], [index, name]);
    }
  }
  return { ...assembled(stage, slots, args), varFiles };

  function run({ command, ...how }: { command: string; output?: unknown }, index: number): void {
    const ofTerraform = terraformLine(command);
    if (ofTerraform?.step === 'workspace') return;
    if (ofTerraform !== undefined && ['init', 'plan', 'apply', 'show'].includes(ofTerraform.step)) {
      builtIn(ofTerraform.step, ofTerraform.args, [index, 'run']);
      return;
    }
    const words = plainWords(command);
    if (/\bterragrunt\b/.test(command))
      tell('terragrunt is not run here: its generated code has to be in the repository', index, 'run');
    else if (words === undefined)
      tell(
        `run: there is no shell here; put \`${firstLine(command)}\` into a script on the server and name it as a run step of the server's file`,
        index,
        'run',
      );
    else if (words[0]?.includes('/') === true && !words[0].startsWith('/'))
      tell(
        `run: ${words[0]} would be a program of the merge request; name one of the server's`,
        index,
        'run',
      );
    else {
      const hidden = how.output === 'hide' ? { output: 'hide' as const } : {};
      slots[slot].push({ step: 'run', name: nameOf(words), command: words, ...hidden });
    }
  }

  function setVariable(env: { name: string; value?: string; command?: string }, index: number): void {
    const { name, value } = env;
    const refused = refusedVariable(name);
    if (value === undefined)
      tell(
        `env ${name}: a value from a command is no value here; set it as a credential of the server`,
        index,
        'env',
      );
    else if (refused !== undefined) tell(refused, index, 'env');
    else slots[slot].push({ step: 'env', name, value });
  }
}

function assembled(
  stage: 'plan' | 'apply',
  slots: Slots,
  args: Record<string, string[]>,
): { steps?: Step[] } {
  const withArgs = (name: 'init' | 'plan' | 'apply'): Step => {
    const extraArgs = args[name] ?? [];
    return extraArgs.length === 0 ? name : { step: name, extraArgs };
  };
  const steps = [
    ...slots.start,
    withArgs('init'),
    ...slots.init,
    withArgs(stage),
    ...(stage === 'plan' ? ['show', 'check'] : []),
    ...slots.last,
  ];
  const builtIns = stage === 'plan' ? 4 : 2;
  const isDefault = steps.length === builtIns && steps.every((step) => typeof step === 'string');
  return isDefault ? {} : { steps };
}

function nameOf([program = '']: readonly string[]): string {
  return program.slice(program.lastIndexOf('/') + 1) || program;
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
