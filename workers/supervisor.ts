import { composeSupervisor } from '#src/compose-supervisor.ts';
import { loadConfig } from '#src/config.ts';
import { orExplain } from '#src/run-process.ts';
import { supervise } from './attempt/supervise.ts';

// A stop of the service never ends an apply: only `countersign cancel` interrupts one, through the database.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

await orExplain(async () => {
  const attemptId = process.argv[2];
  if (attemptId === undefined) throw new Error('usage: supervisor.ts ATTEMPT');
  const { config, secrets } = loadConfig();
  const context = composeSupervisor(config, secrets);
  await supervise(context, attemptId);
  await context.close();
});
