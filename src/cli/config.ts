import type { Command } from 'commander';
import type { ApprovalStep, Demand } from '#domain/demand.ts';

interface Placed {
  place: string;
  what: string;
}

export interface ConfigDependencies {
  /** The configuration in force, without secrets. */
  readonly describe: () => unknown;
  /** What a clone's own configuration comes to; see `explainCheckout`. */
  readonly explain: (options: {
    folder: string;
    ref?: string;
    server?: string;
    repository?: number;
  }) => Promise<Explained>;
  readonly print: (line: string) => void;
  readonly setExitCode: (code: 0 | 1) => void;
}

interface Explained {
  problems: readonly Placed[];
  warnings: readonly Placed[];
  projects: readonly ExplainedProject[];
}

interface ExplainedProject {
  key: string;
  name: string;
  dir: string;
  workspace: string;
  origins: readonly { setting: string; value: unknown; place: string }[];
  /** What it may be raised to, from its own tier. */
  tiers: readonly Demand[];
}

interface Flags {
  ref?: string;
  server?: string;
  repository?: string;
  workspace?: string;
}

/** Adds `countersign config`: what is in force on the server, what holds for a project of a clone, what is wrong there. */
export function registerConfigCommands(program: Command, dependencies: ConfigDependencies): void {
  const { describe, explain, print, setExitCode } = dependencies;
  const config = program
    .command('config')
    .description('show the configuration in force, without secrets')
    .action(() => print(JSON.stringify(describe(), null, 2)));
  const reading = (command: Command) =>
    command
      .option('--ref <commit>', 'a commit of this clone, such as origin/main; default: the work tree')
      .option('--server <file>', 'the server’s file, for what it says and allows')
      .option('--repository <id>', 'GitLab’s project id, where the server’s file has several');

  reading(config.command('explain <dir>'))
    .description('show each setting of the projects in a folder of this clone, and where it was said')
    .option('--workspace <name>', 'only the project of this workspace')
    .action(async (dir: string, flags: Flags) => {
      const found = await explain(optionsOf(flags));
      if (flags.server === undefined) print(NO_SERVER);
      const shown = found.projects.filter(
        (each) => each.dir === dirOf(dir) && (flags.workspace ?? each.workspace) === each.workspace,
      );
      tell(found, print);
      for (const line of shown.flatMap(explanation)) print(line);
      if (shown.length === 0 && found.problems.length === 0) print(`${dirOf(dir)} is no project.`);
      setExitCode(shown.length > 0 && found.problems.length === 0 ? 0 : 1);
    });

  reading(config.command('check'))
    .description(
      'tell of every mistake in countersign.yaml and policies/*.yaml of this clone; ends with 1 if there is one',
    )
    .action(async (flags: Flags) => {
      const found = await explain(optionsOf(flags));
      tell(found, print);
      if (found.problems.length === 0) print(`in order: ${found.projects.length} projects`);
      setExitCode(found.problems.length === 0 ? 0 : 1);
    });
}

const NO_SERVER = 'Without --server FILE: what the server says and allows is left out.';

function optionsOf({ ref, server, repository }: Flags) {
  return {
    folder: '.',
    ...(ref === undefined ? {} : { ref }),
    ...(server === undefined ? {} : { server }),
    ...(repository === undefined ? {} : { repository: Number(repository) }),
  };
}

/** As it is typed with tab completion: `./fin/prod/` is `fin/prod`. */
function dirOf(typed: string): string {
  const plain = typed.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  return plain === '' ? '.' : plain;
}

function tell({ problems, warnings }: Explained, print: (line: string) => void): void {
  for (const { place, what } of problems) print(`${place}: ${what}`);
  for (const { place, what } of warnings) print(`${place}: warning: ${what}`);
}

/** A line for each setting: what, which value, said where. */
function explanation({ key, name, origins, tiers }: ExplainedProject): string[] {
  const rows = origins.map(({ setting, value, place }) => [setting, inWords(value), place] as const);
  const wide = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  return [
    name === key ? key : `${key} (${name})`,
    ...rows.map(
      ([setting, value, place]) => `  ${setting.padEnd(wide(0))}  ${value.padEnd(wide(1))}  ${place}`,
    ),
    ...(tiers.length === 0 ? [] : ['  What its tier demands, and those that rules may raise it to:']),
    ...tiers.map((demand) => `    ${demand.tier}: ${demandInWords(demand)}`),
  ];
}

function demandInWords(demand: Demand): string {
  const { approvals, approvalValidSeconds, exclusions, inOrder, reviews, standing, workPlan } = demand;
  return [
    standing === true ? 'no waiting where a standing approval covers it, else ' : '',
    approvals.map(stepInWords).join(inOrder === true ? ', then ' : ' and '),
    `, for ${approvalValidSeconds / 3600} h`,
    workPlan.length === 0 ? '' : `; work plan: ${workPlan.join(', ')}`,
    reviews === 0 ? '' : `; ${reviews} ${reviews === 1 ? 'review' : 'reviews'}`,
    ...exclusions.map(([a, b]) => `; no ${a} who is ${b}`),
  ].join('');
}

function stepInWords({ count, from }: ApprovalStep): string {
  return `${count} of ${from.length === 0 ? 'the approvers' : from.join(' or ')}`;
}

function inWords(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '–';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
