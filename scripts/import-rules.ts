/*
 * Who may import whom: design.md's table, in the one place that both the linter (oxlint.config.ts, quick, as you type)
 * and the tests (test/unit/guards/boundaries.test.ts, which also follow relative paths) read. Whatever a folder's rule
 * does not name is forbidden.
 *
 * The names are those of import specifiers: `#store/**` a folder through its alias, `node:*` what Node brings,
 * `zod` a package. Every folder may import from itself.
 */

export interface ImportRule {
  /** A folder (`src/domain/`), a file (`src/cli.ts`), or both (`src/config`). The longest match decides. */
  readonly path: string;
  readonly may: readonly string[];
}

const everythingInSrc = [
  '#domain/**',
  '#app/**',
  '#store/**',
  '#adapters/**',
  '#messages/**',
  '#views/**',
  '#http/**',
  '#web/**',
  '#cli/**',
  '#telemetry/**',
  '#src/*',
];

const workers = ['#app/**', '#views/**', '#domain/**', '#messages/**', '#telemetry/**', 'node:*', 'zod'];

const adapter = (name: string, ...its: string[]): ImportRule => ({
  path: `src/adapters/${name}/`,
  may: ['#domain/**', '#app/ports/**', '#telemetry/**', 'node:*', 'zod', ...its],
});

/** An SDK is named in one rule only: that folder is where its ideas end. */
export const importRules: readonly ImportRule[] = [
  { path: 'src/domain/', may: ['node:crypto', 'canonicalize'] },
  { path: 'src/app/', may: ['#domain/**', '#store/**', '#telemetry/**', 'node:*', 'zod'] },
  { path: 'src/store/', may: ['#domain/**', '#telemetry/**', 'node:*', 'kysely', 'kysely/**', 'pg'] },
  { path: 'src/messages/', may: ['#domain/**', '#telemetry/**', 'node:*'] },
  { path: 'src/views/', may: ['#domain/**', '#store/**', '#telemetry/**', 'node:*', 'zod'] },
  { path: 'src/telemetry/', may: ['node:*', 'pino', 'prom-client'] },

  adapter('calendar', 'luxon'),
  adapter('checks', '@marcbachmann/cel-js', 'execa', 'node:child_process', 'yaml'),
  adapter('credentials', 'yaml'),
  adapter('git', 'execa', 'node:child_process'),
  adapter('gitlab', '@gitbeaker/*'),
  adapter('jira', 'jira.js', 'jira.js/**'),
  adapter('ldap', 'ldapts'),
  adapter('oidc', 'openid-client'),
  adapter('plan-store', 'tar'),
  adapter('queue', 'bullmq', 'ioredis'),
  adapter('signer'),
  adapter('web'),
  adapter('terraform', '@cdktn/hcl2json', 'execa', 'lossless-json', 'node:child_process', 'tar'),

  {
    path: 'src/http/',
    may: [
      '#app/**',
      '#views/**',
      '#domain/**',
      '#web/**',
      '#telemetry/**',
      'node:*',
      'fastify',
      '@fastify/*',
      'zod',
    ],
  },
  {
    path: 'src/web/',
    may: ['#app/**', '#views/**', '#domain/**', '#telemetry/**', 'node:*', 'hono', 'hono/**'],
  },
  {
    path: 'src/cli/',
    may: ['#app/**', '#views/**', '#domain/**', '#telemetry/**', 'node:*', 'commander', 'zod'],
  },
  { path: 'workers/', may: workers },

  // The places outside of adapters that start a program: the supervisor of an attempt, and what starts it.
  { path: 'workers/attempt/supervise.ts', may: [...workers, 'node:child_process'] },
  { path: 'workers/start-supervisor.ts', may: ['node:*', 'node:child_process'] },

  // The composition root knows everything; entry points know it, the configuration, and what they start.
  { path: 'src/compose', may: [...everythingInSrc, 'node:*'] },
  {
    path: 'src/config',
    may: ['#domain/**', '#app/ports/**', '#telemetry/**', 'node:*', 'ignore', 'yaml', 'zod'],
  },
  { path: 'src/run-process.ts', may: ['node:*'] },
  { path: 'src/server.ts', may: ['#src/*', '#http/**', '#telemetry/**', 'node:*'] },
  { path: 'src/cli.ts', may: ['#src/*', '#cli/**', '#telemetry/**', 'node:*', 'commander'] },
  { path: 'workers/main.ts', may: ['#src/*', '#telemetry/**', 'node:*'] },
  {
    path: 'workers/supervisor.ts',
    may: ['#src/*', '#app/**', '#domain/**', '#telemetry/**', 'node:*'],
  },

  // A double must not share our misreadings.
  {
    path: 'test/sandbox/',
    may: [
      '#test/support/**',
      'node:*',
      'node:child_process',
      'node:process',
      'execa',
      'fastify',
      '@fastify/*',
      'hono',
      'hono/**',
      'ioredis',
      'pg',
      'yaml',
      'zod',
    ],
  },
];

/** Not part of `node:*`: programs are started in few places, and the environment is read in one. */
const named = ['node:child_process', 'node:process'];

/** The rule that governs a file, if any: tests other than the sandbox may import what they like. */
export function ruleFor(file: string): ImportRule | undefined {
  return importRules
    .filter(({ path }) => file.startsWith(path))
    .toSorted((a, b) => b.path.length - a.path.length)
    .at(0);
}

/** Whether a specifier in the alias form is allowed by a rule; the folder's own files are the caller's affair. */
export function isAllowed(specifier: string, { may }: ImportRule): boolean {
  if (named.includes(specifier)) return may.includes(specifier);
  return may.some((pattern) => matches(specifier, pattern));
}

/** The files of a rule as a glob. */
export function filesOf({ path }: ImportRule): string[] {
  if (path.endsWith('.ts')) return [path];
  return path.endsWith('/') ? [`${path}**`] : [`${path}.ts`, `${path}/**`];
}

/** A rule as the linter wants it: a list in which the last matching line decides and `!` means allowed. */
export function asRestrictedGroup({ path, may }: ImportRule): string[] {
  const itself = aliasOf(path);
  const forbiddenAfterAll = named.filter((module) => !may.includes(module));
  const allowed = [...itself, ...may].flatMap((name) =>
    name === 'node:*' ? ['node:*', 'node:*/*'] : [name],
  );
  return ['**', '!./**', '!../**', ...allowed.map((name) => `!${name}`), ...forbiddenAfterAll];
}

/** `src/store/x.ts` → `#store/x.ts`, `src/compose.ts` → `#src/compose.ts`; nothing for what has no alias. */
export function aliasOf(path: string): string[] {
  const [top = '', second = '', ...rest] = path.split('/');
  const tail = path.endsWith('/') ? '**' : '';
  if (top === 'src' && rest.length > 0) return [`#${[second, ...rest].join('/')}${tail}`];
  if (top === 'src' || top === 'workers' || top === 'test') return [`#${path}${tail}`];
  return [];
}

function matches(specifier: string, pattern: string): boolean {
  if (pattern === 'node:*') return specifier.startsWith('node:');
  if (pattern.endsWith('/**')) return specifier.startsWith(pattern.slice(0, -2));
  if (!pattern.endsWith('*')) return specifier === pattern;
  const prefix = pattern.slice(0, -1);
  return specifier.startsWith(prefix) && !specifier.slice(prefix.length).includes('/');
}
