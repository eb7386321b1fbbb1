/** An answer other than success that people read: what is wrong and what they can do. Nothing of the cause is in it. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly statusCode: number;
  readonly remedy: string;

  constructor(statusCode: number, message: string, remedy: string) {
    super(message);
    this.statusCode = statusCode;
    this.remedy = remedy;
  }
}
