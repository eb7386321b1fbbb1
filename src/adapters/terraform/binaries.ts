import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { execa } from 'execa';
import type { Binary } from '#domain/workflow.ts';
import { Fault } from '#domain/fault.ts';

/** A program that this server has. */
export interface InstalledBinary {
  /** Its path, or its name on the search path. */
  path: string;
  distribution: Binary['distribution'];
  /** Exact version that it must have; without it, whatever it says. */
  version?: string;
}

/** A binary that was asked what it is. */
export interface KnownBinary {
  path: string;
  distribution: Binary['distribution'];
  version: string;
}

export interface Binaries {
  /** Every program's path. */
  paths: readonly string[];
  /** The one a project asks for, the default without a question. Fault `no-such-binary` in words for whoever asked. */
  find(binary?: Binary): Promise<KnownBinary>;
}

/** The server's programs, the default first. Each is asked once, and only when it may be meant. */
export function createBinaries(
  installed: readonly [InstalledBinary, ...InstalledBinary[]],
  searchPath: string,
): Binaries {
  const found = installed.map((each) => ({ ...each, path: findProgram(each.path, searchPath) }));
  const asked = new Map<string, Promise<KnownBinary>>();
  const ask = (each: InstalledBinary) => {
    const known = asked.get(each.path);
    if (known !== undefined) return known;
    const answer = askBinary(each);
    asked.set(each.path, answer);
    // A binary that could not be asked for once may be there the next time.
    answer.catch(() => asked.delete(each.path));
    return answer;
  };
  return {
    paths: found.map(({ path }) => path),
    async find(wanted) {
      const isMeant = ({ distribution, version }: InstalledBinary) =>
        wanted === undefined ||
        (wanted.distribution === distribution &&
          (wanted.version === undefined || version === undefined || version === wanted.version));
      for (const each of found.filter(isMeant)) {
        const known = await ask(each);
        if (wanted?.version === undefined || known.version === wanted.version) return known;
      }
      const names = await Promise.all(
        found.map((each) =>
          ask(each).then(versionName, () => versionName({ ...each, version: each.version ?? '(unknown)' })),
        ),
      );
      throw new Fault(
        'no-such-binary',
        `the project asks for ${wantedName(wanted)}; this server has ${[...new Set(names)].join(', ')}`,
        { retryable: false },
      );
    },
  };
}

/** As it stands in a plan's record: `1.11.4`, or `tofu 1.9.0`. */
export function versionLabel({ distribution, version }: Omit<KnownBinary, 'path'>): string {
  return distribution === 'tofu' ? `tofu ${version}` : version;
}

/** Whether the binary is at least one of these versions, each of one distribution. */
export function isAtLeast(binary: KnownBinary, since: Record<Binary['distribution'], string>): boolean {
  const [have, need] = [numbers(binary.version), numbers(since[binary.distribution])];
  const at = have.findIndex((part, index) => part !== need[index]);
  return at < 0 || (have[at] ?? 0) > (need[at] ?? 0);
}

/** Of a pre-release, the version it leads to. */
function numbers(version: string): number[] {
  return (version.split(/[-+]/u, 1)[0] ?? '').split('.').map(Number);
}

export function versionName({ distribution, version }: Omit<KnownBinary, 'path'>): string {
  return `${distribution} ${version}`;
}

function wantedName(wanted: Binary | undefined): string {
  if (wanted === undefined) return 'a binary';
  return wanted.version === undefined
    ? wanted.distribution
    : versionName({ ...wanted, version: wanted.version });
}

function findProgram(name: string, searchPath: string): string {
  const candidates = isAbsolute(name)
    ? [name]
    : searchPath.split(delimiter).map((folder) => join(folder, name));
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Fault('no-terraform', `There is no ${name}; looked for ${candidates.join(', ')}`, {
    retryable: false,
  });
}

/** Its own first line tells both what it is and which version. */
async function askBinary({ path, distribution, version }: InstalledBinary): Promise<KnownBinary> {
  const { stdout } = await execa(path, ['version'], {
    env: { CHECKPOINT_DISABLE: '1', HOME: '/nonexistent', TF_CLI_CONFIG_FILE: '/dev/null' },
    extendEnv: false,
    cwd: '/',
    timeout: 30_000,
  });
  const match = /^(?<name>Terraform|OpenTofu) v(?<version>\d+\.\d+\.\d+\S*)/u.exec(stdout)?.groups;
  if (match?.['version'] === undefined)
    throw new Fault('no-terraform', `${path} is neither terraform nor tofu`, { retryable: false });
  const is: KnownBinary = {
    path,
    distribution: match['name'] === 'OpenTofu' ? 'tofu' : 'terraform',
    version: match['version'],
  };
  const expected = { distribution, version: version ?? is.version };
  if (is.distribution === distribution && is.version === expected.version) return is;
  throw new Fault(
    'wrong-binary',
    `${path} is ${versionName(is)}, and the server's file says ${versionName(expected)}`,
    { retryable: false },
  );
}
