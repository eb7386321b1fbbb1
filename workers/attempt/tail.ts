import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { type Diagnostic, readUiLine, textForPeople } from '#domain/plan/ui-line.ts';

/** The stream under which an apply's own lines are kept, apart from those of its preparation. */
export const APPLY_STREAM = 'apply';

const LOOK_EVERY_MS = 100;
const LONGEST_LINE = 64 * 1024;
const MOST_DIAGNOSTICS = 20;

/** What a run's output says in the end. */
export interface OutputReading {
  /** Resources whose change began. */
  started: string[];
  /** Terraform's own closing words after everything was applied and the state was saved. */
  completed: boolean;
  /** What terraform found wrong, scrubbed; files as terraform names them. */
  diagnostics: Diagnostic[];
  /** SHA-256 (hex) of the scrubbed lines. */
  logDigest: string;
}

/**
 * Follows a file that a process writes, line by line, until `stop` is called, and then to its end. The first
 * `skip` lines are read but not shown: an adopter goes on where the one before it fell silent.
 */
export function tail(
  file: string,
  show: (line: string) => void,
  options: { scrub: (text: string) => string; skip: number },
): { stop(): Promise<OutputReading> } {
  const reading = { started: [] as string[], completed: false, diagnostics: [] as Diagnostic[] };
  const digest = createHash('sha256');
  let seen = 0;
  const take = (raw: string) => {
    const line = readUiLine(raw);
    if (line.applyStarted !== undefined) reading.started.push(line.applyStarted);
    if (isCompletion(raw)) reading.completed = true;
    if (line.diagnostic !== undefined && reading.diagnostics.length < MOST_DIAGNOSTICS)
      reading.diagnostics.push(scrubbed(line.diagnostic, options.scrub));
    const text = options.scrub(textForPeople(line));
    digest.update(`${text}\n`);
    if (seen++ >= options.skip) show(text);
  };
  let stopped = false;
  const following = follow(file, take, () => stopped);
  return {
    async stop() {
      stopped = true;
      await following;
      return { ...reading, logDigest: digest.digest('hex') };
    },
  };
}

function scrubbed(diagnostic: Diagnostic, scrub: (text: string) => string): Diagnostic {
  const entries = Object.entries(diagnostic).map(([name, value]) => [
    name,
    typeof value === 'string' && name !== 'severity' ? scrub(value) : value,
  ]);
  return Object.fromEntries(entries) as Diagnostic;
}

/** Terraform counts what it did only after the last resource is done and the state is saved. */
function isCompletion(raw: string): boolean {
  if (!raw.includes('"change_summary"')) return false;
  try {
    const event: unknown = JSON.parse(raw);
    return (
      typeof event === 'object' &&
      event !== null &&
      'type' in event &&
      event.type === 'change_summary' &&
      'changes' in event &&
      typeof event.changes === 'object' &&
      event.changes !== null &&
      'operation' in event.changes &&
      event.changes.operation === 'apply'
    );
  } catch {
    return false;
  }
}

async function follow(file: string, take: (line: string) => void, isStopped: () => boolean): Promise<void> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return;
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for (;;) {
      // Asked before reading: what is written before the stop is read after it.
      const last = isStopped();
      const chunk = decoder.write(await readOn(handle));
      const lines = (rest + chunk).split('\n');
      rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
      for (const line of lines) take(line.slice(0, LONGEST_LINE));
      if (chunk === '' && last) break;
      if (chunk === '') await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    if (rest !== '') take(rest);
  } finally {
    await handle.close();
  }
}

async function readOn(handle: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(64 * 1024);
  const { bytesRead } = await handle.read(buffer);
  return buffer.subarray(0, bytesRead);
}
