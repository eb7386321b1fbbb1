import { readFileSync } from 'node:fs';

/** A process that a worker started. */
export interface Started {
  at: number;
  argv: string[];
}

const PROGRAMS = ['terraform', 'tofu', 'git', 'node'];

/** What the workers started between the two times (ms since 1970), of `count-processes.ts`. */
export function startedBetween(file: string, from: number, to: number): Started[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Started)
    .filter(({ at }) => at >= from && at <= to);
}

/** The program behind a command line, which may be wrapped in a sandbox's. */
export function programOf({ argv }: Started): string {
  const names = argv.map((word) => word.split('/').at(-1) ?? '');
  return names.find((name) => PROGRAMS.includes(name)) ?? names[0] ?? '';
}

/** The first time terraform was started to apply. */
export function applyStart(started: readonly Started[]): number | undefined {
  return started.find((each) => programOf(each) === 'terraform' && each.argv.includes('apply'))?.at;
}
