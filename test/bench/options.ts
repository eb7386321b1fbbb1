import { parseArgs } from 'node:util';

export const PARTS = ['plan', 'aws', 'git', 'approval', 'intake'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  /** How many projects a merge request touches, one measurement each. */
  projects: number[];
  /** The same with the AWS provider, where a plan takes seconds. */
  awsProjects: number[];
  /** Folders of the repository in all. */
  folders: number;
  repetitions: number;
  /** Milliseconds of load on each intake, per repetition. */
  intakeMs: number;
  parts: readonly Part[];
  json: string | undefined;
  against: string | undefined;
}

const USAGE = `npm run bench -- [--quick] [--projects 1,10,100] [--only plan,aws,git,approval,intake]
               [--json FILE] [--against FILE]

  --quick           a minute: fewer folders, repetitions and projects
  --projects LIST   how many projects a merge request touches; one measurement each
  --folders N       folders of the repository; default 2000
  --repetitions N   medians are over so many; default 3
  --only LIST       measure only these parts
  --json FILE       write the results there
  --against FILE    compare with results written earlier

AWS is measured where COUNTERSIGN_TF_PLUGINS names a provider mirror and there is a moto_server.`;

/** Reads the command line; a string is what to tell the person instead. */
export function readOptions(args: readonly string[]): BenchOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        projects: { type: 'string' },
        folders: { type: 'string' },
        repetitions: { type: 'string' },
        only: { type: 'string', default: PARTS.join(',') },
        json: { type: 'string' },
        against: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return USAGE;
    const { quick } = values;
    const parts = values.only.split(',').filter(isPart);
    if (parts.length !== values.only.split(',').length)
      throw new Error(`--only ${values.only}: ${PARTS.join(', ')}`);
    return {
      projects: numbers('--projects', values.projects ?? (quick ? '1,10' : '1,10,100')),
      awsProjects: quick ? [1] : [1, 10],
      folders: number('--folders', values.folders ?? (quick ? '200' : '2000')),
      repetitions: number('--repetitions', values.repetitions ?? (quick ? '1' : '3')),
      intakeMs: quick ? 1_500 : 5_000,
      parts,
      json: values.json,
      against: values.against,
    };
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`;
  }
}

function isPart(name: string): name is Part {
  return PARTS.some((part) => part === name);
}

function numbers(option: string, text: string): number[] {
  return text.split(',').map((each) => number(option, each));
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${option} ${text}: a whole number from 1 is wanted`);
  return value;
}
