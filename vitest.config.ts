import { defineConfig } from 'vitest/config';
import { TotalsReporter } from './test/support/totals-reporter.ts';

const servers = { globalSetup: ['./test/support/global-setup.ts'] };
// No file leaves anything behind in its process, so that one process loads modules once for all of its files.
const together = { isolate: false };
// What is waited for comes in its own time, on a busy machine above all.
const patient = { expect: { poll: { timeout: 10_000 } } };

const stories = {
  // A story is terraform runs, which want a core, and waiting for what they led to, which wants none.
  maxWorkers: 3,
  testTimeout: 180_000,
  hookTimeout: 120_000,
  ...together,
  ...servers,
  ...patient,
  sequence: { groupOrder: 2 },
};
const dataCenterStories = [
  'works-approved-change',
  'works-review',
  'works-several-approvals',
  'refused-approvals',
  'refused-tampering',
  'works-break-glass',
];

// unit: no services, the whole project in seconds. integration: one adapter or the store on a real server.
// contract: the doubles against the vendors' published documents and clients. e2e: stories over HTTP on real terraform.
export default defineConfig({
  test: {
    reporters: ['default', new TotalsReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Far more than any of them takes: a busy machine is no failure.
          testTimeout: 30_000,
          // Vitest keeps one core to itself by default; these tests wait for nothing and use both.
          maxWorkers: '100%',
          ...together,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          ...together,
          ...servers,
          ...patient,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          ...together,
          ...servers,
          ...patient,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...stories,
        },
      },
      {
        test: {
          // The stories that JIRA has a part in, once more with a Data Center.
          name: 'e2e-data-center',
          include: dataCenterStories.map((story) => `test/e2e/${story}.test.ts`),
          env: { COUNTERSIGN_HOUSE_JIRA: 'data-center' },
          ...stories,
        },
      },
    ],
  },
});
