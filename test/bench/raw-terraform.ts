import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How a person would run terraform by hand: its environment, and a folder of providers where one is needed. */
export interface ByHand {
  environment: Record<string, string>;
  providerMirror?: string;
}

/**
 * `terraform init && terraform plan && terraform show -json` by hand in one folder after another, with nothing around
 * it. Returns milliseconds.
 */
export async function planByHand(
  folders: Readonly<Record<string, Record<string, string>>>,
  hand: ByHand,
): Promise<number> {
  return inFolders(folders, hand, async (terraform) => {
    const from = performance.now();
    for (const folder of Object.keys(folders)) {
      await terraform(folder, 'init', '-input=false', '-no-color');
      await terraform(folder, 'plan', '-input=false', '-no-color', '-lock=false', '-out=plan.bin');
      await terraform(folder, 'show', '-json', 'plan.bin');
    }
    return performance.now() - from;
  });
}

/** The lock file that `init` writes for these files. */
export async function lockFileOf(files: Record<string, string>, hand: ByHand): Promise<string> {
  return inFolders({ locked: files }, hand, async (terraform, dir) => {
    await terraform('locked', 'init', '-backend=false', '-input=false', '-no-color');
    return readFile(join(dir, 'locked', '.terraform.lock.hcl'), 'utf8');
  });
}

type InFolder = (folder: string, ...args: string[]) => Promise<unknown>;

async function inFolders<T>(
  folders: Readonly<Record<string, Record<string, string>>>,
  { environment, providerMirror }: ByHand,
  work: (terraform: InFolder, dir: string) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-by-hand-'));
  try {
    const cliConfig = join(dir, 'cli.tfrc');
    await writeFile(cliConfig, cliConfigOf(providerMirror));
    for (const [folder, files] of Object.entries(folders)) {
      for (const [name, content] of Object.entries(files)) {
        const path = join(dir, folder, name);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, content);
      }
    }
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: dir,
      CHECKPOINT_DISABLE: '1',
      TF_IN_AUTOMATION: '1',
      TF_CLI_CONFIG_FILE: cliConfig,
      ...environment,
    };
    const options = { env, maxBuffer: 256 * 1024 * 1024 };
    return await work(
      (folder, ...args) => run('terraform', args, { ...options, cwd: join(dir, folder) }),
      dir,
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function cliConfigOf(mirror: string | undefined): string {
  return mirror === undefined
    ? ''
    : `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`;
}
