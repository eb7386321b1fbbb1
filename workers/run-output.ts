import type { Ledger } from '#app/ledger.ts';

/** Lines are written in batches this far apart: soon enough to be watched live, few enough to cost nothing. */
const BATCH_MS = 200;

/** Collects a run's lines and writes them in order, in batches; `end` writes the rest, and may be called again after more. */
export interface RunOutput {
  add(stream: string, line: string): void;
  end(): Promise<void>;
}

export function collectOutput(ledger: Pick<Ledger, 'appendOutput'>, runId: string): RunOutput {
  let waiting: { stream: string; line: string }[] = [];
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): Promise<void> => {
    timer = undefined;
    const batch = waiting;
    waiting = [];
    writing = writing.then(() => ledger.appendOutput(runId, batch));
    return writing;
  };
  return {
    add(stream, line) {
      waiting.push({ stream, line: printable(line) });
      // A failed write surfaces in `end`; until then the run goes on.
      timer ??= setTimeout(() => void flush().catch(() => undefined), BATCH_MS);
    },
    async end() {
      clearTimeout(timer);
      await flush();
    },
  };
}

/** PostgreSQL's text cannot hold NUL; everything else is kept as it came and escaped where it is shown. */
function printable(line: string): string {
  return line.replaceAll('\0', '\uFFFD');
}
