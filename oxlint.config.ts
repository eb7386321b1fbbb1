import { defineConfig, type OxlintOverride } from 'oxlint';
import { asRestrictedGroup, filesOf, type ImportRule, importRules } from './scripts/import-rules.ts';

const entryPoints = ['src/server.ts', 'src/cli.ts', 'workers/main.ts', 'workers/supervisor.ts'];

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'vitest'],
  options: { typeAware: true, denyWarnings: true },
  categories: { correctness: 'error', suspicious: 'off' },
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'no-console': 'error',
    'no-eval': 'error',
    'no-restricted-properties': [
      'error',
      {
        object: 'process',
        property: 'env',
        message: 'Read the environment in src/config.ts and pass things in.',
      },
    ],
    'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/no-abusive-eslint-disable': 'error',
    'vitest/no-focused-tests': 'error',
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
  },
  ignorePatterns: ['node_modules', '.demo', '.cache', 'coverage'],
  overrides: [
    ...importRules.toSorted((a, b) => a.path.length - b.path.length).map(restrictImports),
    {
      // Pure: no clock, no randomness, no input or output.
      files: ['src/domain/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            paths: [
              'randomBytes',
              'randomFill',
              'randomFillSync',
              'randomInt',
              'randomUUID',
              'webcrypto',
            ].map((name) => ({
              name: 'node:crypto',
              importNames: [name],
              message: 'Randomness is passed in.',
            })),
            patterns: importRules
              .filter(({ path }) => path === 'src/domain/')
              .map((rule) => ({ group: asRestrictedGroup(rule), message: 'The domain is pure.' })),
          },
        ],
        'no-restricted-globals': [
          'error',
          'process',
          'fetch',
          'setTimeout',
          'setInterval',
          'setImmediate',
          'performance',
          'crypto',
        ],
        'no-restricted-properties': [
          'error',
          { object: 'Date', property: 'now', message: 'Time is passed in.' },
          { object: 'Math', property: 'random', message: 'Randomness is passed in.' },
        ],
      },
    },
    { files: ['src/config.ts', ...entryPoints], rules: { 'no-restricted-properties': 'off' } },
    {
      files: ['test/**'],
      rules: {
        'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
        'no-console': 'off',
        'no-restricted-properties': 'off',
      },
    },
    {
      files: ['src/cli.ts', 'src/cli/**', 'scripts/**', 'bin/**'],
      rules: { 'no-console': 'off', 'no-restricted-properties': 'off' },
    },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});

// The longest path comes last and wins, as in the rules themselves.
function restrictImports(rule: ImportRule): OxlintOverride {
  const pattern = { group: asRestrictedGroup(rule), message: `scripts/import-rules.ts: ${rule.path}` };
  return { files: filesOf(rule), rules: { 'no-restricted-imports': ['error', { patterns: [pattern] }] } };
}
