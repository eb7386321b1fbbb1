/**
 * Misbehaviour on demand. A fault waits until `skip` matching calls or deliveries have passed, then strikes `count` times.
 * Faults of one kind strike one after the other, in the order they were armed; faults of different kinds combine.
 *
 * For HTTP calls, `method` and `path` (a regular expression over path and query) choose the victim:
 * - `status`: answer this status instead of doing the work; with `retryAfter` (seconds) and `format` "json" or "text"
 * - `slow`: wait `ms`, then do the work
 * - `reset-after`: do the work, then cut the connection instead of answering
 * - `reset-before`: cut the connection without doing the work
 * For hook deliveries, `event` (a regular expression over `X-Gitlab-Event`) chooses:
 * - `hook-lose`, `hook-double`, `hook-delay` (by `ms`), `hook-reorder` (held back until the next one has gone out)
 * In the application:
 * - `status-lock`: `POST /statuses/:sha` answers 409
 * - `stale-mergeability`: a merge request is shown with `checking`, however long ago it was computed
 */
export interface Fault {
  id: number;
  kind:
    | 'status'
    | 'slow'
    | 'reset-after'
    | 'reset-before'
    | 'hook-lose'
    | 'hook-double'
    | 'hook-delay'
    | 'hook-reorder'
    | 'status-lock'
    | 'stale-mergeability';
  method?: string | undefined;
  path?: string | undefined;
  event?: string | undefined;
  status?: number | undefined;
  retryAfter?: number | undefined;
  format?: 'json' | 'text' | undefined;
  ms?: number | undefined;
  skip: number;
  count: number;
  struck: number;
}

export const FAULT_KINDS: readonly Fault['kind'][] = [
  'status',
  'slow',
  'reset-after',
  'reset-before',
  'hook-lose',
  'hook-double',
  'hook-delay',
  'hook-reorder',
  'status-lock',
  'stale-mergeability',
];

/** The switchboard: which faults are armed and how often each has struck. */
export class Faults {
  readonly armed: Fault[] = [];

  add(fault: Fault): void {
    this.armed.push(fault);
  }

  clear(): void {
    this.armed.length = 0;
  }

  /** The HTTP faults that strike this call: of each kind the first that is due. */
  forCall(method: string, url: string): Fault[] {
    const struck = new Map<Fault['kind'], Fault>();
    for (const fault of this.armed) {
      const http = ['status', 'slow', 'reset-after', 'reset-before'].includes(fault.kind);
      const elsewhere = fault.method !== undefined && fault.method.toUpperCase() !== method;
      if (!http || elsewhere || struck.has(fault.kind)) continue;
      if (new RegExp(fault.path ?? '').test(url) && this.#strike(fault)) struck.set(fault.kind, fault);
    }
    return [...struck.values()];
  }

  /** The first fault that strikes this hook delivery. */
  forDelivery(event: string): Fault | undefined {
    return this.armed.find(
      (fault) =>
        fault.kind.startsWith('hook-') && new RegExp(fault.event ?? '').test(event) && this.#strike(fault),
    );
  }

  strikes(kind: 'status-lock' | 'stale-mergeability'): boolean {
    return this.armed.some((fault) => fault.kind === kind && this.#strike(fault));
  }

  #strike(fault: Fault): boolean {
    if (fault.skip > 0) {
      fault.skip -= 1;
      return false;
    }
    if (fault.struck >= fault.count) return false;
    fault.struck += 1;
    return true;
  }
}
