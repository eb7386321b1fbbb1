import { execa } from 'execa';

/** The environment of every git process of the double: nothing of the machine's own configuration. */
export const GIT_ENV = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
};

export interface Person {
  name: string;
  email: string;
}

interface GitOptions {
  input?: string | Uint8Array;
  env?: Record<string, string>;
  cwd?: string;
}

/** Runs git in a bare repository; a failure throws. Returns standard output without the last line break. */
export async function git(repository: string, args: string[], options: GitOptions = {}): Promise<string> {
  const result = await run(repository, args, options);
  if (result.exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

/** Runs git and gives undefined where it fails: for questions whose "no" is a failure. */
export async function tryGit(
  repository: string,
  args: string[],
  options: GitOptions = {},
): Promise<string | undefined> {
  const result = await run(repository, args, options);
  return result.exitCode === 0 ? result.stdout : undefined;
}

export async function run(repository: string, args: string[], options: GitOptions = {}) {
  const location = options.cwd === undefined ? ['--git-dir', repository] : [];
  const result = await execa('git', [...location, ...args], {
    env: { ...GIT_ENV, ...options.env },
    extendEnv: false,
    reject: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  });
  return { exitCode: result.exitCode ?? -1, stdout: String(result.stdout), stderr: String(result.stderr) };
}

/** Author and committer of a commit or tag, as git wants them in the environment. */
export function identity(author: Person, committer: Person = author): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
  };
}
