import { styleText } from 'node:util';
import { Shortfall } from './expectation.ts';

/** What a step may say while it runs: a line of detail below it. */
export type Say = (...lines: string[]) => void;

/** Prints the demo: a heading, then a line per step with a tick and its time, with details below. */
export interface Terminal {
  heading(text: string): void;
  /** Prints the step when it is done, or what was expected and seen when it fell short: then it throws StepFailed. */
  step<T>(what: string, work: (say: Say) => Promise<T>): Promise<T>;
  /** A step that is already done. */
  done(what: string, seconds: number | undefined, ...details: string[]): void;
  line(text?: string): void;
}

/** A step fell short, and that was printed. */
export class StepFailed extends Error {
  constructor(what: string, cause: unknown) {
    super(what, { cause });
  }
}

type Style = Parameters<typeof styleText>[0];

const WIDTH = 74;

/** Colours and a line that moves only where somebody watches; the same words, plain, everywhere else. */
export function openTerminal(out: NodeJS.WriteStream): Terminal {
  const lively = out.isTTY === true && process.env['NO_COLOR'] === undefined;
  const paint = (style: Style, text: string) => (lively ? styleText(style, text) : text);
  const print = (text = '') => void out.write(`${text}\n`);
  const erase = () => lively && out.write('\r\u001b[K');
  const titled = (mark: string, what: string, seconds: number | undefined) =>
    `  ${mark} ${what.padEnd(WIDTH)}${seconds === undefined ? '' : paint('dim', `${seconds.toFixed(1).padStart(5)} s`)}`;
  const details = (lines: readonly string[]) => {
    for (const line of lines.flatMap((text) => text.split('\n'))) print(paint('dim', `      ${line}`));
  };
  return {
    heading: (text) => print(`\n${paint('bold', text)}`),
    line: print,
    done(what, seconds, ...more) {
      print(titled(paint('green', '✓'), what, seconds).trimEnd());
      details(more);
    },
    async step(what, work) {
      const started = performance.now();
      const said: string[] = [];
      if (lively) out.write(`  ${paint('dim', '·')} ${what}`);
      const seconds = () => (performance.now() - started) / 1000;
      try {
        const result = await work((...lines) => void said.push(...lines));
        erase();
        this.done(what, seconds(), ...said);
        return result;
      } catch (error) {
        erase();
        print(titled(paint('red', '✗'), what, seconds()));
        details(said);
        for (const line of explanation(error)) print(`      ${line}`);
        throw new StepFailed(what, error);
      }
    },
  };
}

function explanation(error: unknown): string[] {
  if (error instanceof Shortfall)
    return [`expected: ${error.expected}`, ...`seen: ${error.seen}`.split('\n').slice(0, 30)];
  if ((error as Error).name === 'AbortError') return ['stopped'];
  return [`failed: ${error instanceof Error ? error.message : String(error)}`];
}
