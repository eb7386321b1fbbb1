/** An answer that was not what the caller counted on. */
export class UnexpectedAnswer extends Error {
  readonly status: number;

  constructor(method: string, url: string, status: number, text: string) {
    super(`${method} ${url} answered ${status}: ${text.slice(0, 500)}`);
    this.status = status;
  }
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** One JSON request; throws `UnexpectedAnswer` beyond 299. */
export async function ask<T>(url: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new UnexpectedAnswer(method, url, answer.status, text);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export const post = <T>(url: string, body: unknown, headers: Record<string, string> = {}): Promise<T> =>
  ask<T>(url, { method: 'POST', body, headers });

/**
 * Asks again until the answer satisfies, and returns what satisfied. Polling a recorded fact, not sleeping for one: the
 * error tells what was last seen.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | false | undefined>,
  { withinMs = 60_000, show }: { withinMs?: number; show?: () => Promise<string> } = {},
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end)
      throw new Error(
        `waited ${withinMs / 1000} s for: ${what}${show === undefined ? '' : `\n${await show()}`}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
