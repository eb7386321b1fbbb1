import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { Fault } from '#domain/fault.ts';
import type { Isolation, RunCommand } from '#app/ports/terraform.ts';
import { claim } from './claim.ts';
import type { Claim } from './claim.ts';
import { processesOf } from './processes.ts';

/** Users that runs may be given, for a service that runs as root; they need no entry in /etc/passwd. */
export interface UidRange {
  first: number;
  count: number;
}

export interface SandboxPaths {
  /** Paths every run may read: the terraform binary, the provider mirror. */
  readable: readonly string[];
  /** Paths every run may write, for state on a shared disk. */
  writable: readonly string[];
}

/** The user of one run: a uid nobody else has meanwhile, or our own. */
export interface RunUser {
  uid: number | undefined;
  readonly release: () => Promise<void>;
}

/** Finds out by trying what this machine can do. */
export async function detectIsolation(uids: UidRange): Promise<Isolation> {
  const isRoot = process.getuid?.() === 0;
  const sandboxed = await canSandbox(isRoot ? uids.first : undefined);
  if (isRoot) return sandboxed ? 'uid+bubblewrap' : 'uid';
  return sandboxed ? 'bubblewrap' : 'none';
}

/**
 * A user that no other run on this machine has, that nothing left over from an earlier one still runs as, and to whom no
 * folder of one belongs: whoever comes to look after that run finds its processes, and may end them, by their user.
 */
export async function claimUser(isolation: Isolation, uids: UidRange, runRoot: string): Promise<RunUser> {
  if (isolation === 'bubblewrap' || isolation === 'none')
    return { uid: undefined, release: async () => undefined };
  for (let uid = uids.first; uid < uids.first + uids.count; uid += 1) {
    const held: Claim | undefined = await claim(`uid ${uid}`);
    if (held === undefined) continue;
    const isFree = (await processesOf(uid)).length === 0 && !(await ownsFolder(runRoot, uid));
    if (isFree) return { uid, release: held.release };
    await held.release();
  }
  throw new Fault('no-user-left', `All ${uids.count} users for runs are taken`, { retryable: true });
}

async function ownsFolder(runRoot: string, uid: number): Promise<boolean> {
  const names = await readdir(runRoot).catch(() => []);
  const owners = await Promise.all(
    names.map((name) =>
      lstat(join(runRoot, name)).then(
        (found) => found.uid,
        () => undefined,
      ),
    ),
  );
  return owners.includes(uid);
}

/**
 * The command as it has to be started to be isolated. In bubblewrap it sees the system's programs, its own folder and
 * its own processes, and nothing else of the machine but the network. Bubblewrap gets the run's environment and no
 * other: what started it with could be read inside (`/proc/1/environ`), its arguments too.
 *
 * @param diesWithParent whether the run ends when the process that started it does: right for a plan, never for an apply
 */
export async function isolate(
  command: RunCommand,
  run: { isolation: Isolation; folder: string; paths: SandboxPaths; diesWithParent: boolean },
): Promise<RunCommand> {
  if (run.isolation === 'uid' || run.isolation === 'none') return command;
  const binds = [
    ...(await systemBinds()),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
    ...(await Promise.all(run.paths.readable.map(readable))).flat(),
    ...run.paths.writable.flatMap((path) => ['--bind', path, path]),
    '--bind',
    run.folder,
    run.folder,
  ];
  return {
    ...command,
    file: 'bwrap',
    argv: [
      ...namespaces,
      ...(run.diesWithParent ? ['--die-with-parent'] : []),
      ...binds,
      '--chdir',
      command.cwd,
      '--',
      command.file,
      ...command.argv,
    ],
  };
}

/** The network stays: backends and providers need it. */
const namespaces = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
];

/** What programs need of /etc; nothing in it belongs to the service. */
const systemFiles = [
  '/etc/alternatives',
  '/etc/ca-certificates',
  '/etc/group',
  '/etc/hosts',
  '/etc/ld.so.cache',
  '/etc/localtime',
  '/etc/nsswitch.conf',
  '/etc/passwd',
  '/etc/pki',
  '/etc/resolv.conf',
  '/etc/ssl',
];

async function systemBinds(): Promise<string[]> {
  const folders = await Promise.all(
    ['/bin', '/sbin', '/lib', '/lib64'].map(async (path) => {
      const found = await lstat(path).catch(() => undefined);
      if (found === undefined) return [];
      return found.isSymbolicLink() ? ['--symlink', await readlink(path), path] : ['--ro-bind', path, path];
    }),
  );
  return [
    '--ro-bind',
    '/usr',
    '/usr',
    ...folders.flat(),
    ...systemFiles.flatMap((file) => ['--ro-bind-try', file, file]),
  ];
}

/** Bound under the name it is called by, also when that is a link. */
async function readable(path: string): Promise<string[]> {
  return path.startsWith('/usr/') ? [] : ['--ro-bind', await realpath(path), path];
}

async function canSandbox(uid: number | undefined): Promise<boolean> {
  const probe = await isolate(
    { file: '/usr/bin/true', argv: [], cwd: '/', env: {}, uid, gid: uid },
    {
      isolation: 'bubblewrap',
      folder: '/usr',
      paths: { readable: [], writable: [] },
      diesWithParent: true,
    },
  );
  const { exitCode } = await execa(probe.file, probe.argv, {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    extendEnv: false,
    cwd: '/',
    reject: false,
    timeout: 10_000,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return exitCode === 0;
}
