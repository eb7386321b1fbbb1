import { isApiError, isNetworkError, isRateLimitError } from 'jira.js/core';
import { JiraFault, answered, unreachable, unreadable } from '../fault.ts';

/** The library's error as ours. Its messages carry the whole answer and its causes the request, so neither is kept. */
export function faultOf(error: unknown, call: string, token: string): JiraFault {
  if (error instanceof JiraFault) return error;
  if (isApiError(error)) {
    const retryAfterMs = isRateLimitError(error) ? error.retryAfterMs : undefined;
    return answered({ status: error.status, body: error.body, retryAfterMs }, call, token);
  }
  if (isNetworkError(error)) return unreachable(error.code, call);
  return unreadable(call, 200);
}
