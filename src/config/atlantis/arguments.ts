import { refusedArgument } from '#domain/workflow-rules.ts';

/** What arguments of a step come to here. */
export interface ReadArguments {
  /** Kept as they are. */
  extraArgs: string[];
  /** As written: relative to the project's folder, `$WORKSPACE` included. */
  varFiles: string[];
  /** What was left out and why. */
  lost: string[];
}

/** What needs no word, since it is always so, or is done by Countersign itself. */
const ALWAYS_SO = {
  init: /^-(?:input=false|no-color|get(?:=true)?|backend=true)$/,
  plan: /^-(?:input=false|no-color|lock=false|lock-timeout=.*|out=.*|refresh(?:=true)?|detailed-exitcode)$/,
  apply: /^-(?:input=false|no-color|auto-approve(?:=true)?|lock=true)$/,
} as const;

const TOLD: readonly (readonly [RegExp, string])[] = [
  [
    /^-(?:backend-config|migrate-state|force-copy)/,
    "the backend stands in the project's own code or a file beside it, and its key must be the project's path",
  ],
  [/^-var=/, 'put the value into a var file, where it is reviewed'],
  [/^-upgrade/, 'a merge request that changes the lock file upgrades providers'],
  [/^-lock=false$/, 'an apply always locks the state'],
  [/^-(?:target|replace|destroy)/, 'a plan is always of the whole project'],
  [/^-(?:chdir|plugin-dir|state|backup)/, 'Countersign says where terraform runs and what it reads'],
];

/** Reads `extra_args`, or the arguments of a command line; a value may stand in the word after its flag. */
export function readArguments(step: 'init' | 'plan' | 'apply', args: readonly string[]): ReadArguments {
  const read: ReadArguments = { extraArgs: [], varFiles: [], lost: [] };
  for (const argument of joined(args)) {
    const [, varFile] = /^-var-file=(.+)$/s.exec(argument) ?? [];
    if (ALWAYS_SO[step].test(argument)) continue;
    if (varFile !== undefined) read.varFiles.push(varFile);
    else if (refusedArgument(step, argument) === undefined) read.extraArgs.push(argument);
    else read.lost.push(`${argument}: ${TOLD.find(([fits]) => fits.test(argument))?.[1] ?? OTHER}`);
  }
  return read;
}

const OTHER = 'not among the arguments that a workflow may add here';

/** `-lock false` and `--lock=false` as `-lock=false`. */
function joined(args: readonly string[]): string[] {
  const found: string[] = [];
  for (const arg of args) {
    const last = found.at(-1);
    if (arg.startsWith('-') || last === undefined || last.includes('=')) found.push(arg.replace(/^--/, '-'));
    else found[found.length - 1] = `${last}=${arg}`;
  }
  return found;
}
