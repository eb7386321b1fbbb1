import pg from 'pg';

/**
 * A connection whose loss ends no process. A pool listens only while its connections are idle: one that is lost while
 * somebody has it, between two statements, has no listener, and an `error` nobody listens to ends the process. Whoever
 * has it learns of the loss all the same: the next statement fails.
 */
export class SteadyClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
