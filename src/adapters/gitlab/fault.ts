import { Fault } from '#domain/fault.ts';

/** GitLab did not do what was asked and that is nobody's decision. Never holds a token, a header or a whole body. */
export class GitlabFault extends Fault {
  /** HTTP status of the answer; 0 when there was none. */
  readonly status: number;

  constructor(
    code: GitlabFaultCode,
    message: string,
    options: { status: number; retryable: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(code, message, options);
    this.status = options.status;
  }
}

export type GitlabFaultCode =
  | 'gitlab-unreachable'
  | 'gitlab-timeout'
  | 'gitlab-rate-limited'
  | 'gitlab-unauthorized'
  | 'gitlab-forbidden'
  | 'gitlab-not-found'
  | 'gitlab-conflict'
  | 'gitlab-rejected'
  | 'gitlab-failing'
  | 'gitlab-answer-too-large'
  | 'gitlab-unexpected-answer'
  | 'note-altered';

/** The fault for an answer that is not 2xx. `said` is GitLab's own short message. */
export function faultOfAnswer(
  call: string,
  status: number,
  said: string,
  retryAfterMs: number | undefined,
): GitlabFault {
  const { code, retryable } = meaningOf(status);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  const detail = said === '' ? '' : `: ${said}`;
  return new GitlabFault(code, `GitLab answered ${status} to ${call}${detail}`, {
    status,
    retryable,
    ...wait,
  });
}

/** True when the fault is GitLab's answer with one of these statuses. */
export function hasStatus(error: unknown, ...statuses: number[]): error is GitlabFault {
  return error instanceof GitlabFault && statuses.includes(error.status);
}

/** True when a write may have happened although no answer says so. */
export function isUnclear(error: unknown): error is GitlabFault {
  return error instanceof GitlabFault && (error.status === 0 || error.status >= 500);
}

function meaningOf(status: number): { code: GitlabFaultCode; retryable: boolean } {
  if (status === 401) return { code: 'gitlab-unauthorized', retryable: false };
  if (status === 403) return { code: 'gitlab-forbidden', retryable: false };
  if (status === 404) return { code: 'gitlab-not-found', retryable: false };
  if (status === 409) return { code: 'gitlab-conflict', retryable: true };
  if (status === 429) return { code: 'gitlab-rate-limited', retryable: true };
  if (status >= 500) return { code: 'gitlab-failing', retryable: true };
  return { code: 'gitlab-rejected', retryable: false };
}
