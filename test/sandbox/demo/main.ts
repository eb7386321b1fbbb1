import { expecting } from './expectation.ts';
import { type DemoOptions, readOptions } from './options.ts';
import { showOutlook } from './outlook.ts';
import { Problem } from './problem.ts';
import { openStage, type Stage, StageFailure } from './stage.ts';
import { tellStory } from './story.ts';
import { openTerminal, StepFailed, type Terminal } from './terminal.ts';

const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(options);
  process.exitCode = 2;
} else process.exitCode = await main(options, openTerminal(process.stdout), untilStopped());

/**
 * Sets the stage, tells the story, and stays or ends. Returns the exit code: 0, 1 when anything fell short, 130 when it
 * was stopped before the story's end.
 */
async function main(chosen: DemoOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  let stage: Stage | undefined;
  let code = 1;
  try {
    stage = await openStage(chosen, terminal, signal);
    await play(chosen, stage, terminal, signal);
    code = 0;
  } catch (error) {
    if (signal.aborted) code = 130;
    else explain(error, stage, terminal);
  }
  if (signal.aborted) terminal.line('\n  Stopping …');
  await stage?.close({ keep: code === 1 });
  return code;
}

async function play(
  { once, patienceMs }: DemoOptions,
  { house, infrastructure }: Stage,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  terminal.heading('One change, from the push to the proof');
  const expect = expecting(patienceMs, signal);
  const outcome = await tellStory({ house, terminal, expect, infrastructure });
  terminal.line(
    `\n  Everything came out as it must, ${(performance.now() / 1000).toFixed(1)} s after the start.`,
  );
  if (once) return;
  await showOutlook(house, terminal, infrastructure, outcome);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function explain(error: unknown, stage: Stage | undefined, terminal: Terminal): void {
  terminal.line();
  if (error instanceof Problem) terminal.line(error.message);
  else if (error instanceof StageFailure) {
    terminal.line(error.message);
    terminal.line(`The logs of every process are in ${error.logs}`);
  } else if (error instanceof StepFailed) {
    terminal.line(`The demo fell short at: ${error.message}`);
    terminal.line(`The logs of every process are in ${stage?.house.logs ?? ''}`);
  } else throw error;
}

/** Aborted by the first Ctrl-C; the second ends this process at once, and the kernel all others after it. */
function untilStopped(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}
