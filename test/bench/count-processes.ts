import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

/*
 * Loaded into workers before anything else (`node --import`): writes down which processes they start, when. What those
 * start themselves, such as a provider, is not seen.
 */
const file = process.env['COUNTERSIGN_BENCH_PROCESSES'] ?? '';

subscribe('child_process', (message) => {
  const { process: child } = message as {
    process: { once(event: 'spawn', heard: () => void): void; spawnargs: string[] };
  };
  child.once('spawn', () => {
    appendFileSync(file, `${JSON.stringify({ at: Date.now(), argv: child.spawnargs })}\n`);
  });
});
