import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Ends a run with one line that people and scripts can read: `12 passed, 0 failed, 3 skipped`. */
export class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    );
    const count = (state: string): number => states.filter((each) => each === state).length;
    // A file that cannot be loaded and an error outside of any test fail the run without failing a test.
    const beyondTests =
      unhandledErrors.length + modules.filter((module) => module.errors().length > 0).length;
    const skipped = states.length - count('passed') - count('failed');
    const line = `${count('passed')} passed, ${count('failed') + beyondTests} failed, ${skipped} skipped\n`;
    // After the reporters before this one, which print at the same event.
    process.once('exit', () => process.stdout.write(line));
  }
}
