import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** End after the story instead of staying up. */
  once: boolean;
  /** AWS resources and S3 state against an emulator, instead of resources that need no cloud. */
  aws: boolean;
  /** The folder to use; undefined chooses one. */
  dir: string | undefined;
  /** How long a step may take, in milliseconds. */
  patienceMs: number;
  /** People left out of the people file, to watch the story fall short. */
  without: string[];
}

const USAGE = `npm run demo -- [--once] [--aws] [--dir <folder>] [--patience <seconds>] [--without <person>]

  --once               end after the story: exit code 0, or 1 if a step fell short
  --aws                the AWS provider and S3 state, against an emulator (docs/demo.md says what that needs)
  --dir <folder>       keep everything of the demo in this folder; default .demo in the checkout
  --patience <seconds> how long a step may take; default 60
  --without <person>   leave adam (approver), olga (operator) or erin (engineer) out of the people file, and see`;

/** Reads the command line; a string is what to tell the person instead. */
export function readOptions(args: readonly string[]): DemoOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        aws: { type: 'boolean', default: false },
        dir: { type: 'string' },
        patience: { type: 'string', default: '60' },
        without: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    });
    const patience = Number(values.patience);
    if (values.help) return USAGE;
    if (!(patience > 0)) return `--patience ${values.patience} is no number of seconds.\n\n${USAGE}`;
    const { once, aws, dir, without } = values;
    return { once, aws, dir, patienceMs: patience * 1000, without };
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`;
  }
}
