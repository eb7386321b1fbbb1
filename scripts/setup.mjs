// Runs before `npm run demo` and `npm test`. Makes a fresh clone ready, or says what is missing and what to type
// next. Plain JavaScript without dependencies: it runs on the machine's own Node, 20 or newer, before anything is
// installed. Everything after it runs on the Node that npm installs, because `npm run` puts node_modules/.bin first.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const oldestTerraform = [1, 5];

const problems = [nodeProblem(), gitProblem(), terraformProblem()].filter((problem) => problem !== undefined);
if (problems.length > 0) fail(problems);
if (!isInstalled()) await install();
if (!hasNode24()) fail([missingNode()]);

/** The two CPU kinds on Linux bring their own Node; elsewhere the machine's must do. */
function nodeProblem() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major >= 24 || shipsNode()) return undefined;
  return `No Node binary for ${platform()} is shipped. Install Node 24 and run the same command again.`;
}

function gitProblem() {
  if (spawnSync('git', ['--version']).status === 0) return undefined;
  return 'No git on PATH. Install it (Debian: apt install git) and run the same command again.';
}

function terraformProblem() {
  const wanted = process.env.COUNTERSIGN_TERRAFORM;
  const tried = wanted ? [wanted] : ['terraform', 'tofu'];
  const answers = tried.map((program) => ({ program, version: terraformVersion(program) }));
  if (answers.some(({ version }) => version !== undefined && isNewEnough(version))) return undefined;
  const old = answers.find(({ version }) => version !== undefined);
  if (old) {
    return (
      `${old.program} is version ${old.version}; ${oldestTerraform.join('.')} or newer is needed. ` +
      'Install a newer one, or set COUNTERSIGN_TERRAFORM to its path.'
    );
  }
  if (wanted) {
    return `COUNTERSIGN_TERRAFORM is set to ${wanted}, which does not answer "version -json". Set it to the path of terraform or tofu.`;
  }
  return (
    `No terraform or tofu on PATH (${oldestTerraform.join('.')} or newer is needed). Install one of them ` +
    '(https://developer.hashicorp.com/terraform/install, https://opentofu.org/docs/intro/install), ' +
    'or set COUNTERSIGN_TERRAFORM to its path.'
  );
}

function terraformVersion(program) {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1' };
  const { status, stdout } = spawnSync(program, ['version', '-json'], { env, encoding: 'utf8' });
  if (status !== 0) return undefined;
  try {
    return JSON.parse(stdout).terraform_version;
  } catch {
    return undefined;
  }
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > oldestTerraform[0] || (major === oldestTerraform[0] && minor >= oldestTerraform[1]);
}

/** npm writes node_modules/.package-lock.json last, so an interrupted installation does not count. */
function isInstalled() {
  const installed = statSync(path.join(root, 'node_modules/.package-lock.json'), { throwIfNoEntry: false });
  return (
    installed !== undefined && installed.mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs
  );
}

/** No install script is needed or wanted: `--ignore-scripts`. */
async function install() {
  console.log('Installing the packages of package-lock.json: about 200 MB, once.');
  const started = Date.now();
  const ticker = setInterval(
    () => console.log(`  ${seconds(started)} s, ${installedPackages()} packages`),
    5_000,
  );
  const [program, ...args] = process.env.npm_execpath
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
  const npm = spawn(program, [...args, 'ci', '--ignore-scripts'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise((resolve) => {
    npm.on('error', (error) => resolve(error.message));
    npm.on('exit', (status, signal) => resolve(status ?? signal));
  });
  clearInterval(ticker);
  if (code !== 0)
    fail([
      `npm ci failed (${code}); its own message is above. Check the network or the registry in "npm config get registry", then run the same command again.`,
    ]);
  console.log(`Installed ${installedPackages()} packages in ${seconds(started)} s.`);
}

function installedPackages() {
  const folder = path.join(root, 'node_modules');
  if (!existsSync(folder)) return 0;
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .reduce((sum, name) => sum + (name.startsWith('@') ? readdirSync(path.join(folder, name)).length : 1), 0);
}

/** Whether what comes after this script will find a Node that is new enough. */
function hasNode24() {
  const local = path.join(root, 'node_modules/.bin/node');
  const { status, stdout } = spawnSync(existsSync(local) ? local : 'node', ['--version'], {
    encoding: 'utf8',
  });
  return status === 0 && Number(stdout.slice(1).split('.')[0]) >= 24;
}

function missingNode() {
  return (
    `Node ${process.versions.node} is running; 24 or newer is needed, and node_modules has none ` +
    '(was npm ci run with --omit=optional?). Type "npm ci --include=optional", or install Node 24.'
  );
}

function shipsNode() {
  const { optionalDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return `node-${platform()}` in optionalDependencies;
}

function platform() {
  return `${process.platform}-${process.arch}`;
}

function seconds(started) {
  return Math.round((Date.now() - started) / 1000);
}

function fail(messages) {
  for (const message of messages) console.error(message);
  process.exit(1);
}
