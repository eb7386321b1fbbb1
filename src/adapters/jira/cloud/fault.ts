import { isApiError, isNetworkError, isRateLimitError } from 'jira.js/core';
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
  | 'jira-unexpected-answer';

/**
 * The library's error as ours. Its messages carry the whole answer and its causes the request, so neither is kept; of
 * an answer only JIRA's own error texts are, shortened, and without the token should they echo it.
 */
export function faultOf(error: unknown, call: string, token: string): JiraFault {
  if (error instanceof JiraFault) return error;
  if (isApiError(error)) {
    const { code, retryable } = meaningOf(error.status);
    const said = saidIn(error.body).replaceAll(token, '[token]');
    const wait = isRateLimitError(error) ? error.retryAfterMs : undefined;
    return new JiraFault(code, `JIRA answered ${error.status} to ${call}${said === '' ? '' : `: ${said}`}`, {
      status: error.status,
      retryable,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    });
  }
  if (isNetworkError(error)) {
    const code = error.code === undefined ? '' : ` (${error.code})`;
    return new JiraFault('jira-unreachable', `JIRA could not be reached${code}: ${call}`, {
      status: 0,
      retryable: true,
    });
  }
  return new JiraFault('jira-unexpected-answer', `JIRA's answer to ${call} could not be read`, {
    status: 200,
    retryable: true,
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

/** JIRA says `{"errorMessages": ["…"], "errors": {"field": "…"}}`. */
function saidIn(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const { errorMessages, errors } = body as { errorMessages?: unknown; errors?: unknown };
  const general = Array.isArray(errorMessages)
    ? errorMessages.filter((each) => typeof each === 'string')
    : [];
  const fields = Object.entries(typeof errors === 'object' && errors !== null ? errors : {});
  const named = fields.flatMap(([field, text]) => (typeof text === 'string' ? [`${field}: ${text}`] : []));
  return [...general, ...named].join(' ').replace(/\s+/g, ' ').trim().slice(0, 300);
}
