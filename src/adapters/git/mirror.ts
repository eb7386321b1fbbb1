import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Fault } from '#domain/fault.ts';
import { runGit } from './git-command.ts';
import type { GitSettings } from './git-command.ts';

/** Where a repository lives, and how to sign in there. */
export interface Remote {
  url: string;
  credentials?: { username: string; password: string };
}

/** A bare copy of one repository that holds every commit anybody asked for. Any number of processes may use it. */
export interface Mirror {
  gitDir: string;
  fetch(shas: readonly string[]): Promise<void>;
}

/** A commit that was there is not looked for again within this time. */
const PRESENT_FOR_MS = 60_000;

/** The mirror at `gitDir`, made when it is not there yet. */
export async function openMirror(
  settings: GitSettings,
  gitDir: string,
  remote: () => Promise<Remote>,
): Promise<Mirror> {
  if (!existsSync(gitDir)) await createMirror(settings, gitDir);
  // Each project of a change asks for the same commits. A mirror that somebody removes is noticed soon enough.
  const lately = new Map<string, number>();
  const remember = (shas: readonly string[]) => {
    if (lately.size > 1_000) lately.clear();
    for (const sha of shas) lately.set(sha, Date.now() + PRESENT_FOR_MS);
  };
  return {
    gitDir,
    async fetch(shas) {
      const unsure = shas.filter((sha) => (lately.get(requireSha(sha)) ?? 0) < Date.now());
      if (unsure.length === 0) return;
      const wanted = await missing(settings, gitDir, unsure);
      if (wanted.length === 0) return remember(unsure);
      const { url, credentials } = await remote();
      await withConfigFile(url, credentials, async (configFile) => {
        try {
          await runGit(settings, fetchArguments(url, wanted), { gitDir, configFile });
        } catch (error) {
          // Another process may have fetched the same commit and hold the lock of its reference.
          if ((await missing(settings, gitDir, wanted)).length > 0) throw error;
        }
      });
      remember(unsure);
    },
  };
}

/** Made beside its place and moved there whole, so that another process never sees half of it. */
async function createMirror(settings: GitSettings, gitDir: string): Promise<void> {
  await mkdir(dirname(gitDir), { recursive: true, mode: 0o700 });
  const fresh = await mkdtemp(`${gitDir}.`);
  try {
    await runGit(settings, ['init', '--quiet', '--bare', '--template=', fresh]);
    await mkdir(join(fresh, 'info'));
    await writeFile(join(fresh, 'info', 'attributes'), asCommitted);
    await rename(fresh, gitDir);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(gitDir)) throw error;
  }
}

export function requireSha(sha: string): string {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(sha))
    throw new Fault('not-a-commit', `"${sha.slice(0, 80)}" is no commit id`, { retryable: false });
  return sha;
}

/** Git obeys attributes of the tree it writes; these come first, so that files arrive as they were committed. */
const asCommitted = '* -text -eol -ident -filter -working-tree-encoding\n';

/** Each commit gets a reference, so that it is kept and offered when the next one is fetched. */
function fetchArguments(url: string, shas: readonly string[]): string[] {
  if (!/^(?:https?|file):\/\//u.test(url))
    throw new Fault('bad-repository-url', 'A repository needs an http(s) URL', { retryable: false });
  const refspecs = shas.map((sha) => `+${sha}:refs/countersign/${sha}`);
  return ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--', url, ...refspecs];
}

async function missing(settings: GitSettings, gitDir: string, shas: readonly string[]): Promise<string[]> {
  const input = shas.map((sha) => `${requireSha(sha)}^{commit}\n`).join('');
  const answers = (await runGit(settings, ['cat-file', '--batch-check'], { gitDir, input })).toString('utf8');
  const lines = answers.trimEnd().split('\n');
  return shas.filter((_, index) => !/^[0-9a-f]+ commit /u.test(lines[index] ?? ''));
}

/**
 * Runs `use` with a configuration file that signs in to this host alone. A header in a file of mode 0600 shows in no
 * argument list and in no environment, and costs no second round trip as a credential helper does.
 */
async function withConfigFile(
  url: string,
  credentials: Remote['credentials'],
  use: (configFile: string | undefined) => Promise<void>,
): Promise<void> {
  if (credentials === undefined) return use(undefined);
  const folder = await mkdtemp(join(tmpdir(), 'countersign-git-'));
  try {
    const configFile = join(folder, 'config');
    const token = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
    const content = `[http "${new URL(url).origin}/"]\n\textraHeader = "Authorization: Basic ${token}"\n`;
    await writeFile(configFile, content, { mode: 0o600 });
    await use(configFile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
