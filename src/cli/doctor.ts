import type { Command } from 'commander';
import type { Finding } from '#app/ports/examination.ts';

export interface DoctorDependencies {
  /** Looks at everything around the service; reads only. */
  readonly examine: () => Promise<readonly Finding[]>;
  readonly print: (line: string) => void;
  readonly setExitCode: (code: 0 | 1) => void;
}

const MARKS: Readonly<Record<Finding['result'], string>> = {
  ok: 'ok      ',
  warning: 'warning ',
  problem: 'PROBLEM ',
};

/** Adds `countersign doctor`: a line for each thing that was looked at; 1 when there is a problem among them. */
export function registerDoctor(program: Command, { examine, print, setExitCode }: DoctorDependencies): void {
  program
    .command('doctor')
    .description(
      'look at GitLab, JIRA, the database, the directory, terraform and the clocks, and say what is wrong',
    )
    .option('--json', 'print one JSON object per line')
    .action(async ({ json }: { json?: true }) => {
      const findings = await examine();
      for (const finding of findings)
        for (const line of json === true ? [JSON.stringify(finding)] : linesOf(finding)) print(line);
      const problems = findings.filter(({ result }) => result === 'problem').length;
      const warnings = findings.filter(({ result }) => result === 'warning').length;
      if (json !== true)
        print(`${findings.length} looked at: ${count(problems, 'problem')}, ${count(warnings, 'warning')}`);
      setExitCode(problems > 0 ? 1 : 0);
    });
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

function linesOf({ about, remedy, result, what }: Finding): string[] {
  const line = `${MARKS[result]} ${about}: ${what}`;
  return remedy === undefined ? [line] : [line, `          → ${remedy}`];
}
