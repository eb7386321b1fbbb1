#!/usr/bin/env node
// The command line under whatever Node is first on the PATH: an older one hands over to the project's own.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const projectNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) {
  process.argv[1] = cli;
  await import(cli);
} else if (existsSync(projectNode)) {
  const { status } = spawnSync(projectNode, [cli, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  console.error(
    `Node ${process.versions.node} is running this file; 24 or newer is needed. Use "npm run …" ` +
      '(it uses the Node in node_modules), or run "npm ci" first if that folder is missing.',
  );
  process.exitCode = 1;
}
