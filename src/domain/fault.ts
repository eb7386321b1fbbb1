/** Something broke that is nobody's "no": carries a stable code, and whether trying again can help. */
export class Fault extends Error {
  override readonly name: string = 'Fault';
  readonly code: string;
  readonly retryable: boolean;
  /** Milliseconds the other side asked us to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { retryable: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}
