import { Fault } from '#domain/fault.ts';

/** JIRA did not do what was asked and that is nobody's decision. Never holds a token or a whole body. */
export class JiraFault extends Fault {
  /** HTTP status of the answer; 0 when there was none. */
  readonly status: number;

  constructor(
    code: JiraFaultCode,
    message: string,
    options: { status: number; retryable: boolean; retryAfterMs?: number },
  ) {
    super(code, message, options);
    this.status = options.status;
  }
}

export type JiraFaultCode =
  | 'jira-unreachable'
  | 'jira-timeout'
  | 'jira-rate-limited'
  | 'jira-unauthorized'
  | 'jira-forbidden'
  | 'jira-not-found'
  | 'jira-conflict'
  | 'jira-too-large'
  | 'jira-rejected'
  | 'jira-failing'
  | 'jira-unexpected-answer'
  | 'jira-field';

/** JIRA's answer as a fault: only its own error texts are kept, shortened, and without the token should they echo it. */
export function answered(
  { status, body, retryAfterMs }: { status: number; body: unknown; retryAfterMs?: number | undefined },
  call: string,
  token: string,
): JiraFault {
  const { code, retryable } = meaningOf(status);
  const said = saidIn(body).replaceAll(token, '[token]');
  return new JiraFault(code, `JIRA answered ${status} to ${call}${said === '' ? '' : `: ${said}`}`, {
    status,
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** JIRA was not reached; `code` as Node names the reason, if it does. */
export function unreachable(code: string | undefined, call: string): JiraFault {
  const reason = code === undefined ? '' : ` (${code})`;
  return new JiraFault('jira-unreachable', `JIRA could not be reached${reason}: ${call}`, {
    status: 0,
    retryable: true,
  });
}

export function timedOut(call: string): JiraFault {
  return new JiraFault('jira-timeout', `JIRA did not answer in time: ${call}`, {
    status: 0,
    retryable: true,
  });
}

export function unreadable(call: string, status: number): JiraFault {
  return new JiraFault('jira-unexpected-answer', `JIRA's answer to ${call} could not be read`, {
    status,
    retryable: true,
  });
}

/** More of something than anybody is known to have: read to its end or not at all. */
export function tooMany(what: string, most: number): JiraFault {
  return new JiraFault('jira-unexpected-answer', `${what} has more than ${most} entries`, {
    status: 200,
    retryable: false,
  });
}

/** True when the fault is JIRA's answer with one of these statuses. */
export function hasStatus(error: unknown, ...statuses: number[]): error is JiraFault {
  return error instanceof JiraFault && statuses.includes(error.status);
}

/** True when a write may have happened although no answer says so. */
export function isUnclear(error: unknown): error is JiraFault {
  return error instanceof JiraFault && (error.status === 0 || error.status >= 500);
}

/** True when JIRA, or what stands before it, did not wait for the end of a call that may be going on. */
export function isLate(error: unknown): error is JiraFault {
  return error instanceof JiraFault && (error.code === 'jira-timeout' || error.status === 504);
}

function meaningOf(status: number): { code: JiraFaultCode; retryable: boolean } {
  if (status === 401) return { code: 'jira-unauthorized', retryable: false };
  if (status === 403) return { code: 'jira-forbidden', retryable: false };
  if (status === 404) return { code: 'jira-not-found', retryable: false };
  if (status === 409) return { code: 'jira-conflict', retryable: true };
  if (status === 413) return { code: 'jira-too-large', retryable: false };
  if (status === 429) return { code: 'jira-rate-limited', retryable: true };
  if (status >= 500) return { code: 'jira-failing', retryable: true };
  return { code: 'jira-rejected', retryable: false };
}

/** JIRA says `{"errorMessages": ["…"], "errors": {"field": "…"}}`, its service desk `{"errorMessage": "…"}`. */
function saidIn(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const { errorMessage, errorMessages, errors } = body as Record<string, unknown>;
  const told: unknown[] = Array.isArray(errorMessages) ? errorMessages : [errorMessage];
  const general = told.filter((each) => typeof each === 'string');
  const fields = Object.entries(typeof errors === 'object' && errors !== null ? errors : {});
  const named = fields.flatMap(([field, text]) => (typeof text === 'string' ? [`${field}: ${text}`] : []));
  return [...general, ...named].join(' ').replace(/\s+/g, ' ').trim().slice(0, 300);
}
