import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Problem } from './problem.ts';

const OLDEST_NODE = 24;
const OLDEST_TERRAFORM = [1, 5] as const;

export interface Programs {
  node: string;
  git: string;
  terraform: { program: string; name: string; version: string };
}

/** Finds what the demo runs. @throws Problem that names what is missing or too old, and the next command */
export async function findPrograms(): Promise<Programs> {
  const node = process.versions.node;
  if (Number(node.split('.')[0]) < OLDEST_NODE) {
    throw new Problem(
      `Node ${node} is running this file; ${OLDEST_NODE} or newer is needed. Use "npm run …" (it uses the Node in ` +
        'node_modules), or run "npm ci" first if that folder is missing.',
    );
  }
  const [git, terraform] = await Promise.all([findGit(), findTerraform()]);
  return { node, git, terraform };
}

async function findGit(): Promise<string> {
  const answer = await output('git', '--version');
  if (answer === undefined) {
    throw new Problem('No git on PATH. Install it (Debian: apt install git) and run the same command again.');
  }
  return answer.replace('git version', '').trim();
}

async function findTerraform(): Promise<Programs['terraform']> {
  const wanted = process.env['COUNTERSIGN_TERRAFORM'];
  const candidates = wanted === undefined || wanted === '' ? ['terraform', 'tofu'] : [wanted];
  const found = (await Promise.all(candidates.map(asTerraform))).filter((each) => each !== undefined);
  const usable = found.find(({ version }) => isNewEnough(version));
  if (usable !== undefined) return usable;
  const [old] = found;
  if (old !== undefined) {
    throw new Problem(
      `${old.program} is version ${old.version}; ${OLDEST_TERRAFORM.join('.')} or newer is needed. ` +
        'Install a newer one, or set COUNTERSIGN_TERRAFORM to its path.',
    );
  }
  if (candidates[0] === wanted) {
    throw new Problem(
      `COUNTERSIGN_TERRAFORM is set to ${wanted}, which does not answer "version -json". ` +
        'Set it to the path of terraform or tofu.',
    );
  }
  throw new Problem(
    `No terraform or tofu on PATH (${OLDEST_TERRAFORM.join('.')} or newer is needed). Install one of them ` +
      '(https://developer.hashicorp.com/terraform/install, https://opentofu.org/docs/intro/install), ' +
      'or set COUNTERSIGN_TERRAFORM to its path.',
  );
}

async function asTerraform(program: string): Promise<Programs['terraform'] | undefined> {
  const answer = await output(program, 'version', '-json');
  const version = /"terraform_version":\s*"([^"]+)"/.exec(answer ?? '')?.[1];
  if (version === undefined) return undefined;
  // Both tools answer with the same key; the name is only for the person who reads it.
  return { program, name: program.includes('tofu') ? 'tofu' : 'terraform', version };
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldMajor, oldMinor] = OLDEST_TERRAFORM;
  return major > oldMajor || (major === oldMajor && minor >= oldMinor);
}

async function output(program: string, ...args: string[]): Promise<string | undefined> {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1' };
  try {
    return (await promisify(execFile)(program, args, { env })).stdout;
  } catch {
    return undefined;
  }
}
