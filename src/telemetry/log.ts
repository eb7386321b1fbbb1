import { type DestinationStream, pino } from 'pino';

/**
 * What the service logs with: static messages, data in fields that are on the list below. `error` means that someone
 * should look now.
 */
export interface Log {
  error: LogCall;
  warn: LogCall;
  info: LogCall;
  debug: LogCall;
  child(fields: LogFields): Log;
}
type LogCall = (fields: LogFields, message: string) => void;
type LogFields = { readonly [Field in (typeof FIELDS)[number] | 'err']?: unknown };

/** As fastify wants it. */
export type ServerLog = ReturnType<typeof createLog>;

/**
 * A JSON logger that writes only fields on the list below; every other field is dropped, whatever is in it. So a
 * header, a body or a plan value that slips into a log call stays out of the log.
 */
export function createLog(options: { level: string; component: string }, destination?: DestinationStream) {
  const log = pino(
    {
      level: options.level,
      base: { component: options.component },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: allowed },
    },
    destination,
  );
  // What a child is made with does not pass through the formatters. Children inherit this, and so on.
  const child = Reflect.get(log, 'child') as MakeChild;
  const filtered: MakeChild = function (bindings, options) {
    return child.call(this, allowed(bindings), options);
  };
  return Object.assign(log, { child: filtered as typeof log.child });
}

type MakeChild = (this: unknown, bindings: Record<string, unknown>, options?: object) => unknown;

/** Ids, counts, words of our own. Nothing a person or another system wrote freely. */
const FIELDS = [
  'component',
  'reqId',
  'method',
  'route',
  'statusCode',
  'durationMs',
  'source',
  'event',
  'result',
  'refusal',
  'changeId',
  'project',
  'planRunId',
  'attemptId',
  'evaluationId',
  'approvalId',
  'repository',
  'iid',
  'headSha',
  'effect',
  'jobId',
  'queue',
  'tries',
  'retryInMs',
  'code',
  'signal',
  'exitCode',
  'pid',
  'host',
  'epoch',
  'fact',
  'count',
  'size',
  'port',
  'address',
  'check',
  'person',
  'version',
  'file',
  'name',
  'status',
  'lagMs',
  'hook',
  'wakesAt',
  'due',
  'step',
  'item',
] as const;
const ALLOWED: ReadonlySet<string> = new Set(FIELDS);

function allowed(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'err') kept[key] = describeError(value);
    else if (ALLOWED.has(key) && isPlain(value)) kept[key] = value;
  }
  return kept;
}

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/**
 * Where an error came from and of what kind. Its message is kept only for faults, whose words are ours; that of a
 * library may quote a whole answer of another system.
 */
function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const ours = 'retryable' in error;
  const code = 'code' in error && isPlain(error.code) ? { code: error.code } : {};
  return {
    type: error.name,
    ...code,
    // Under `message` the library would take this for an error and describe it once more.
    ...(ours ? { reason: error.message } : {}),
    at: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12)
      .map((line) => line.trim()),
    ...(error.cause === undefined || depth > 2 ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}
