// Checks that `npm ci` will work on every platform and with every registry: each optional dependency that a package in
// the lock names must be in the lock as well (npm refuses the lock otherwise, on the platform that misses it), and no
// entry may be tied to the registry it was once fetched from.
// Usage: node scripts/lockcheck.mjs [lock file]

import { readFileSync } from 'node:fs';

const file = process.argv[2] ?? new URL('../package-lock.json', import.meta.url);
const { packages } = JSON.parse(readFileSync(file, 'utf8'));
const problems = Object.entries(packages).flatMap(([folder, entry]) => [
  ...Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !resolves(folder, name))
    .map((name) => missing(folder, entry, name)),
  ...(entry.resolved?.startsWith('http')
    ? [`${folder} is tied to ${new URL(entry.resolved).host}. Delete its "resolved" line.`]
    : []),
]);

for (const problem of problems) console.error(problem);
console.log(`${Object.keys(packages).length} lock entries checked, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Node's own search: beside the package, then in every node_modules above it. */
function resolves(folder, name) {
  if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
  return folder !== '' && resolves(folder.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, ''), name);
}

function missing(folder, { version }, name) {
  const owner = folder === '' ? 'the project' : `${folder.replace(/^.*node_modules\//, '')} ${version}`;
  return (
    `package-lock.json lacks ${name} (needed by ${owner}): npm ci will fail. ` +
    'Pin a version whose platform packages all exist.'
  );
}
