import { readFile, readdir, readlink, stat } from 'node:fs/promises';

/** Linux's view of processes, through /proc. What vanishes while it is looked at counts as gone. */

async function livingProcesses(): Promise<number[]> {
  const names = await readdir('/proc');
  return names.filter((name) => /^\d+$/u.test(name)).map(Number);
}

/** Every process that runs as this user, zombies left out. */
export async function processesOf(uid: number): Promise<number[]> {
  const all = await livingProcesses();
  const own = await Promise.all(all.map(async (pid) => ((await ownerOf(pid)) === uid ? pid : undefined)));
  return own.filter((pid) => pid !== undefined);
}

/** Every process that works inside the folder, or runs as the user that owns it when that is a user of its own. */
export async function inhabitants(folder: string): Promise<number[]> {
  const owner = await stat(folder).then(
    ({ uid }) => uid,
    () => undefined,
  );
  const isOwn = owner !== undefined && owner !== process.getuid?.();
  const byOwner = isOwn ? await processesOf(owner) : [];
  const all = await livingProcesses();
  const inside = await Promise.all(
    all.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return cwd === folder || cwd.startsWith(`${folder}/`) ? pid : undefined;
    }),
  );
  return [...new Set([...byOwner, ...inside.filter((pid) => pid !== undefined)])];
}

/** Resident bytes of a process group, and of everything a user runs when one is given. */
export async function residentBytes(group: number, uid: number | undefined): Promise<number> {
  const all = await livingProcesses();
  const sizes = await Promise.all(
    all.map(async (pid) => {
      const fields = await statFields(pid);
      const belongs = fields?.group === group || (uid !== undefined && (await ownerOf(pid)) === uid);
      return fields !== undefined && belongs ? fields.residentPages * pageBytes : 0;
    }),
  );
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

async function ownerOf(pid: number): Promise<number | undefined> {
  const [owner, fields] = await Promise.all([
    stat(`/proc/${pid}`).then(
      ({ uid }) => uid,
      () => undefined,
    ),
    statFields(pid),
  ]);
  return fields === undefined || fields.state === 'Z' ? undefined : owner;
}

/** See proc(5), `/proc/pid/stat`; the name, which may hold anything, ends with the last parenthesis. */
async function statFields(
  pid: number,
): Promise<{ state: string; group: number; residentPages: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), residentPages: Number(fields[21]) };
}
