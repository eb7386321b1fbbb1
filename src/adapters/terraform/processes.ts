import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/*
 * Linux's view of processes, through /proc. What vanishes while it is looked at counts as gone. The kernel answers from
 * memory, within microseconds: handing each of these reads to another thread would cost twenty times as much, and they
 * are made for every process of the machine, several times in each run.
 */

function livingProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number);
}

/** Every process that runs as this user, zombies left out. */
export async function processesOf(uid: number): Promise<number[]> {
  return livingProcesses().filter((pid) => ownerOf(pid) === uid && isAlive(pid));
}

/** Every process that works inside the folder, or runs as the user that owns it when that is a user of its own. */
export async function inhabitants(folder: string): Promise<number[]> {
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  const isOwn = owner !== undefined && owner !== process.getuid?.();
  const byOwner = isOwn ? await processesOf(owner) : [];
  const inside = livingProcesses().filter((pid) => {
    const cwd = workingFolder(pid);
    return cwd === folder || cwd?.startsWith(`${folder}/`);
  });
  return [...new Set([...byOwner, ...inside])];
}

/** Resident bytes of a process group, or of everything a user runs when one is given. */
export async function residentBytes(group: number, uid: number | undefined): Promise<number> {
  const all = livingProcesses().filter((pid) => uid === undefined || ownerOf(pid) === uid);
  const sizes = all.map((pid) => {
    const fields = statFields(pid);
    const belongs = fields !== undefined && (uid !== undefined || fields.group === group);
    return belongs ? fields.residentPages * pageBytes : 0;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Ends a process group, and everything a user of its own still runs, and waits until they are gone. */
export async function killAll(group: number | undefined, uid: number | undefined): Promise<void> {
  signal(group === undefined ? undefined : -group, 'SIGKILL');
  if (uid === undefined) return;
  for (let left = await processesOf(uid); left.length > 0; left = await processesOf(uid)) {
    for (const pid of left) signal(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Ends everything that still works in a folder, or runs as the user of its own that it was given to. */
export async function killInhabitants(folder: string, uid: number | undefined): Promise<void> {
  for (const pid of await inhabitants(folder)) if (pid !== process.pid) signal(pid, 'SIGKILL');
  await killAll(undefined, uid);
}

export function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

const pageBytes = 4096;

function ownerOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}

function isAlive(pid: number): boolean {
  const fields = statFields(pid);
  return fields !== undefined && fields.state !== 'Z';
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** See proc(5), `/proc/pid/stat`; the name, which may hold anything, ends with the last parenthesis. */
function statFields(pid: number): { state: string; group: number; residentPages: number } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), residentPages: Number(fields[21]) };
}
