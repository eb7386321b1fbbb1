import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** A process, told apart from any later one with the same number by when it started. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks since boot (proc(5), `/proc/pid/stat`, field 22). */
  start: string;
}

/** This machine, and which boot of it: after a reboot every process recorded before is gone. */
export async function machine(): Promise<{ host: string; bootId: string }> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return { host: hostname(), bootId: bootId.trim() };
}

/** The process with this number now; undefined when there is none, or only its remains. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name, which may hold anything, ends with the last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return state === 'Z' || state === 'X' || start === undefined ? undefined : { pid, start };
}

/** Whether that very process still lives; a stopped one does. */
export async function isAlive({ pid, start }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.start === start;
}
