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

type Answer = Awaited<ReturnType<typeof run>>;
const answers = new Map<string, Promise<Answer>>();

/** Whether this names a commit by its whole id, so that what it stands for never changes. */
export const isCommitId = (rev: string): boolean => /^[0-9a-f]{40}$/.test(rev);

/**
 * Runs git for a question about commits. Where all of them are named by their ids, what git answered once holds for
 * ever and is not asked again: starting git is most of what the double does. A "no" is asked again, for a commit may come.
 */
export async function askAbout(repository: string, revs: string[], args: string[]): Promise<Answer> {
  if (!revs.every(isCommitId)) return run(repository, args);
  const question = [repository, ...args].join('\0');
  let answer = answers.get(question);
  if (answer === undefined) {
    answer = run(repository, args);
    answers.set(question, answer);
  }
  const { exitCode } = await answer;
  if (exitCode !== 0) answers.delete(question);
  return answer;
}

/** As `askAbout`, with undefined where git fails. */
export async function tryAbout(
  repository: string,
  revs: string[],
  args: string[],
): Promise<string | undefined> {
  const { exitCode, stdout } = await askAbout(repository, revs, args);
  return exitCode === 0 ? stdout : undefined;
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
