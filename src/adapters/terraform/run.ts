import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { secretMatcher } from '#domain/plan/secret-matcher.ts';
import type { Isolation, OutputLine, RunCommand, RunCredentials, RunLimits } from '#app/ports/terraform.ts';
import type { Binaries } from './binaries.ts';
import { runEnvironment } from './environment.ts';
import type { InitCache } from './init-cache.ts';
import { claimUser, isolate } from './isolation.ts';
import type { SandboxPaths, UidRange } from './isolation.ts';
import { killInhabitants } from './processes.ts';
import { openRunFolder, writeCliConfig } from './run-folder.ts';
import type { ProviderSource, RunFolder } from './run-folder.ts';
import { runProcess } from './run-process.ts';
import type { Budget, ProcessEnd } from './run-process.ts';

/** What is the same for every run of a worker. */
export interface RunSettings {
  binaries: Binaries;
  runRoot: string;
  uids: UidRange;
  isolation: Isolation;
  providerMirror: string | undefined;
  cache: InitCache;
  paths: SandboxPaths;
}

export interface RunNeeds {
  folderKey: string;
  dir: string;
  workspace: string;
  credentials: RunCredentials;
  variables: Readonly<Record<string, string>>;
  limits: RunLimits;
}

/** One run: a folder and a user of its own, and terraform commands in them until it is released. */
export interface Run {
  folder: RunFolder;
  uid: number | undefined;
  /** The root module's folder. */
  cwd: string;
  readonly scrub: (text: string) => string;
  /** From now on these values are scrubbed too. */
  hide(values: Iterable<string>): void;
  /** Starts the limits anew: they are for one stretch of work, and an apply lies between two. */
  renewLimits(): void;
  /** Hands the folder to the run's user. To be called once its content is there, before the first command. */
  handOver(): Promise<void>;
  /** Names the program that plans and applies, by its path. */
  use(binary: string): void;
  /** Lets it read one more path. */
  allow(path: string): void;
  /** Providers that are here and need not be fetched. To be said before the run is handed over. */
  installFrom(source: ProviderSource): void;
  /** Tells those who watch what no command says. */
  say(step: OutputLine['step'], text: string): void;
  /** Sets a variable for every later command. */
  define(name: string, value: string): void;
  command(argv: readonly string[], options: { diesWithParent: boolean }): Promise<RunCommand>;
  /** Runs terraform; every line, scrubbed, goes to `onLine`, and into the returned list. */
  terraform(
    step: OutputLine['step'],
    argv: readonly string[],
    collect?: { bytes: number },
  ): Promise<{ end: ProcessEnd; lines: string[] }>;
  /**
   * Runs a program of the server's in the same place, with the same rights and a few more variables; its lines go to
   * `onLine` unless they are to be hidden.
   */
  program(
    argv: readonly string[],
    options: { env: Readonly<Record<string, string>>; output: 'show' | 'hide' },
  ): Promise<{ end: ProcessEnd; lines: string[] }>;
  /** Ends whatever still runs in it, and removes the folder. */
  readonly release: () => Promise<void>;
}

/** Opens a run; waits for its folder to be free for as long as the run itself may take. */
export async function openRun(
  settings: RunSettings,
  needs: RunNeeds,
  onLine: (line: OutputLine) => void,
  signal: AbortSignal,
): Promise<Run> {
  const { limits } = needs;
  const until = Date.now() + limits.wallMs;
  const folder = await openRunFolder(settings.runRoot, needs.folderKey, { until, signal });
  const user = await claimUser(settings.isolation, settings.uids, settings.runRoot).catch(
    async (error: unknown) => {
      await folder.release();
      throw error;
    },
  );
  // From here on the time is the run's own.
  let budget = budgetOf(limits, signal);
  const matcher = secretMatcher(needs.credentials.secrets, { substringFrom: 4 });
  let learned = secretMatcher([]);
  const scrub = (text: string) => learned.mask(matcher.mask(text, hidden), hidden);
  const env = runEnvironment(folder, needs);
  const cwd = join(folder.tree, needs.dir);

  const allowed: string[] = [];
  let here: ProviderSource | undefined;
  let binary = settings.binaries.paths[0] ?? '';
  const isolated = (
    file: string,
    argv: readonly string[],
    { diesWithParent, more = {} }: { diesWithParent: boolean; more?: Readonly<Record<string, string>> },
  ) => {
    const readable = [
      ...settings.paths.readable,
      // An entry of the cache may have been given up meanwhile.
      ...allowed.filter((path) => existsSync(path)),
      ...(isAbsolute(file) && existsSync(file) ? [file] : []),
    ];
    return isolate(
      { file, argv, cwd, env: { ...env, ...more }, uid: user.uid, gid: user.uid },
      {
        isolation: settings.isolation,
        folder: folder.path,
        paths: { ...settings.paths, readable: [...new Set(readable)] },
        diesWithParent,
      },
    );
  };
  const command: Run['command'] = (argv, options) => isolated(binary, argv, options);
  const runToEnd = async (
    what: RunCommand,
    step: OutputLine['step'],
    { collect, shown = true }: { collect?: { bytes: number } | undefined; shown?: boolean },
  ) => {
    const lines: string[] = [];
    const onEach = (stream: OutputLine['stream'], line: string) => {
      const text = scrub(line);
      lines.push(text);
      if (shown) onLine({ step, stream, text });
    };
    return { end: await runProcess(what, budget, onEach, collect), lines };
  };
  return {
    folder,
    uid: user.uid,
    cwd,
    scrub,
    hide(values) {
      learned = secretMatcher(values);
    },
    command,
    renewLimits() {
      budget = budgetOf(limits, signal);
    },
    async handOver() {
      const { providerMirror: path } = settings;
      await writeCliConfig(folder, path === undefined ? here : { path });
      await folder.giveTo(user.uid);
    },
    use(path) {
      binary = path;
    },
    allow(path) {
      allowed.push(path);
    },
    installFrom(source) {
      here = source;
      allowed.push(source.path);
    },
    say: (step, text) => onLine({ step, stream: 'stdout', text }),
    define(name, value) {
      env[name] = value;
    },
    terraform: async (step, argv, collect) =>
      runToEnd(await command(argv, { diesWithParent: true }), step, { collect }),
    program: async ([file = '', ...argv], { env: more, output }) =>
      runToEnd(await isolated(file, argv, { diesWithParent: true, more }), 'run', {
        shown: output === 'show',
      }),
    async release() {
      await killInhabitants(folder.path, user.uid);
      await folder.release();
      await user.release();
    },
  };
}

const hidden = () => '(hidden)';

function budgetOf(limits: RunLimits, signal: AbortSignal): Budget {
  const { wallMs, outputBytes, memoryBytes } = limits;
  return { deadline: Date.now() + wallMs, outputBytes, memoryBytes, signal };
}
