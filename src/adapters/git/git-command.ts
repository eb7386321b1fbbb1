import { execa } from 'execa';
import { Fault } from '#domain/fault.ts';

export interface GitSettings {
  /** Search path for git itself. */
  path: string;
  /** `file` only where repositories are local folders, as in tests. */
  protocols: readonly ('http' | 'https' | 'file')[];
  /** Milliseconds that one git command may take. */
  timeoutMs: number;
}

export interface GitCall {
  /** The bare repository; absent for commands without one. */
  gitDir?: string;
  /** A private configuration file, for what must not be in arguments or environment. */
  configFile?: string | undefined;
  /** An index of its own, for commands that write a work tree. */
  indexFile?: string;
  input?: string;
  maxBytes?: number;
}

/** Runs git with nothing of our environment, the user's or the machine's configuration, and returns its output. */
export async function runGit(
  settings: GitSettings,
  args: readonly string[],
  call: GitCall = {},
): Promise<Buffer> {
  const child = execa('git', gitArguments(args, call), {
    env: gitEnvironment(settings, call),
    extendEnv: false,
    cwd: '/',
    input: call.input ?? '',
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: call.maxBytes ?? 256 * 1024 * 1024,
    reject: false,
    // git starts helpers (git-remote-https, index-pack); a limit ends them together.
    detached: true,
  });
  const timer = setTimeout(() => killGroup(child.pid), settings.timeoutMs);
  try {
    const result = await child;
    if (result.exitCode === 0) return Buffer.from(result.stdout);
    killGroup(child.pid);
    const stderr = Buffer.from(result.stderr).toString('utf8').trim().slice(-2_000);
    throw gitFault(args[0] ?? '', stderr === '' ? (result.shortMessage ?? 'no message') : stderr);
  } finally {
    clearTimeout(timer);
  }
}

function gitArguments(args: readonly string[], { gitDir }: GitCall): string[] {
  return [
    '--no-pager',
    '--literal-pathspecs',
    ...(gitDir === undefined ? [] : [`--git-dir=${gitDir}`]),
    ...hardening.flatMap((setting) => ['-c', setting]),
    ...args,
  ];
}

function gitEnvironment(
  { path, protocols }: GitSettings,
  { configFile = '/dev/null', indexFile }: GitCall,
): Record<string, string> {
  return {
    PATH: path,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: configFile,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: protocols.join(':'),
    ...(indexFile === undefined ? {} : { GIT_INDEX_FILE: indexFile }),
  };
}

const hardening = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'fetch.recurseSubmodules=false',
  'submodule.recurse=false',
  'http.followRedirects=false',
  'safe.directory=*',
];

function gitFault(command: string, message: string): Fault {
  if (/not our ref|couldn't find remote ref|upload-pack: not our ref/iu.test(message))
    return new Fault('commit-missing', `git ${command}: ${message}`, { retryable: false });
  if (/Authentication failed|could not read Username|HTTP 40[13]|error: 40[13]/iu.test(message))
    return new Fault('git-not-allowed', `git ${command}: ${message}`, { retryable: false });
  return new Fault('git-failed', `git ${command}: ${message}`, { retryable: true });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}
