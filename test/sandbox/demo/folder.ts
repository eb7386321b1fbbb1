import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { reachable } from '#test/support/postgres-binaries.ts';
import { supervisorsOf } from '../house/supervisors.ts';
import { Problem } from './problem.ts';

const CHECKOUT = resolve(import.meta.dirname, '../../..');
/** Says which process uses the folder, and that the folder is a demo's at all. */
const MARKER = 'demo.pid';
/** The socket's path must fit into 107 bytes; PostgreSQL adds `/postgres/.s.PGSQL.5432`. */
const LONGEST = 76;
/** Terraform and, when we are root, PostgreSQL run as other users, who must get here. */
const SOMEBODY = 65_534;

export interface Folder {
  path: string;
  /** Removes it with all that is in it. */
  remove(): Promise<void>;
}

/**
 * A private, empty folder that is this demo's alone: the wanted one, else `.demo` in the checkout where other users can
 * get there, else a temporary one. What an earlier demo left in it is removed.
 *
 * @throws Problem when a demo is alive in it, or when it holds something that is not a demo's
 */
export async function takeFolder(wanted: string | undefined): Promise<Folder> {
  const path = await chooseFolder(wanted);
  await mkdir(path, { recursive: true });
  await claim(path);
  // An apply outlives whoever started it, as it must; that of a demo that was killed has nobody to report to.
  for (const pid of await supervisorsOf(path)) process.kill(pid, 'SIGKILL');
  for (const name of await readdir(path))
    if (name !== MARKER) await rm(join(path, name), { recursive: true, force: true });
  // Others pass through to what is theirs, and see nothing on the way.
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

async function chooseFolder(wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) {
    const path = resolve(wanted);
    await mkdir(dirname(path), { recursive: true });
    if (path.length > LONGEST)
      throw new Problem(`${path} is too long for a PostgreSQL socket below it. Use a shorter --dir.`);
    if (!isReachable(dirname(path))) {
      throw new Problem(
        `Terraform runs as another user here, who cannot get to ${path}: a folder above it is closed. ` +
          'Use a --dir that everybody may pass through to, below /tmp for instance.',
      );
    }
    return path;
  }
  const usual = join(CHECKOUT, '.demo');
  if (usual.length <= LONGEST && isReachable(CHECKOUT)) return usual;
  return mkdtemp(join(tmpdir(), 'countersign-demo-'));
}

function isReachable(path: string): boolean {
  return process.getuid?.() !== 0 || reachable(path, SOMEBODY);
}

async function claim(path: string): Promise<void> {
  const marker = join(path, MARKER);
  const owner = await readFile(marker, 'utf8').catch(() => undefined);
  if (owner === undefined && (await readdir(path)).length > 0)
    throw new Problem(`${path} is not empty, and what is in it is not a demo's. Use another --dir.`);
  const pid = Number(owner);
  if (await isDemo(pid))
    throw new Problem(`A demo is already running in ${path} (pid ${pid}). Stop it or use --dir.`);
  await rm(marker, { force: true });
  try {
    // Of two that start at the same moment one makes the marker.
    await writeFile(marker, `${process.pid}\n`, { flag: 'wx' });
  } catch {
    throw new Problem(`Another demo is starting in ${path} at this moment. Stop it or use --dir.`);
  }
}

/** A number alone may have been given to another process since. */
async function isDemo(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return words.includes('sandbox/demo/main.ts');
}
