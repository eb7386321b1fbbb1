import { availableParallelism, hostname } from 'node:os';
import { composeWorkers } from '#src/compose-workers.ts';
import { loadConfig, plansAtOnce } from '#src/config.ts';
import { orExplain, untilStopped, within } from '#src/run-process.ts';
import type { WorkerContext } from './context.ts';
import { queueOf } from './jobs.ts';
import { startReconciling } from './reconcile.ts';
import { startRelay } from './relay-outbox.ts';
import { runJob } from './run-job.ts';
import { supervisorStarter } from './start-supervisor.ts';

/** How long each part may take to stop; without its database none ever would. Applies are waited for as long as they take. */
const STOP_MS = 15_000;

await orExplain(async () => {
  const { config, secrets } = loadConfig();
  const composed = await composeWorkers(config, secrets);
  const supervisors = supervisorStarter(config.spoolDir);
  const startSupervisor = async (attemptId: string) => void (await supervisors.start(attemptId));
  const context: WorkerContext = { ...composed, startSupervisor };
  const name = `${hostname()}-${process.pid}`;
  const work = (row: number) => runJob(context, name, row);
  // An apply has its place until its supervisor has ended: so many run at once, and no more.
  const applyOne = async (row: number) => {
    const living: Promise<unknown>[] = [];
    const start = async (attemptId: string) => void living.push((await supervisors.start(attemptId)).ended);
    await runJob({ ...context, startSupervisor: start }, name, row);
    await Promise.all(living);
  };
  const { queue, desk, log, terraform } = composed;
  const isolation = await terraform.isolation();
  if (isolation === 'none' && config.terraform.requireIsolation) {
    throw new Error(
      'Runs cannot be isolated here: not root with terraform.uidRange, and no working bubblewrap. ' +
        'Install bubblewrap, start the workers as root, or set terraform.requireIsolation to false where nothing is at stake.',
    );
  }
  await queue.answer('apply', config.workers.applies, applyOne);
  await queue.answer('effects', config.workers.effects, work);
  await queue.answer('plan', plansAtOnce(config.workers, availableParallelism()), work);
  const relay = await startRelay(desk, queue, queueOf, log);
  const self = { name, host: hostname(), isolation, terraformVersion: await terraform.version() };
  const reconciling = startReconciling({ ...composed, startSupervisor }, self, {
    sweepSeconds: config.sweep.everySeconds,
    checkpointSeconds: config.audit.checkpointEverySeconds,
    heartbeat: composed.heartbeat,
  });
  log.info({ name }, 'working');
  process.send?.({ ready: true });
  await untilStopped();
  await within(STOP_MS, Promise.all([reconciling.stop(), relay.stop()]));
  await within(STOP_MS, queue.close());
  await supervisors.allEnded();
  await within(STOP_MS, composed.close());
  // What is still in hand is safe to leave: its lease runs out, and another worker does it again.
  process.exit();
});
