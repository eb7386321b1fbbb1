/** What is wrong with the configuration: where (`file:line:col`, or a variable's name) and what was expected. */
export interface Problem {
  place: string;
  what: string;
}

/** The configuration cannot be used. Its message lists every problem, one per line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ place, what }) => `  ${place}: ${what}`);
    super(
      `the configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`,
    );
    this.problems = problems;
  }
}
