import type { TestProject } from 'vitest/node';
import { prepareTestCluster, type TestCluster } from './postgres-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: TestCluster;
  }
}

/** One PostgreSQL server for the whole run, however many projects ask for it; unit tests never do. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (project.vitest.getProvidedContext().postgres) return undefined;
  const { cluster, stop } = await prepareTestCluster();
  project.vitest.provide('postgres', cluster);
  return stop;
}
