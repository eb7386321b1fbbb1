/** An answer JIRA gives instead of doing the work: `{errorMessages, errors}` with a status. */
export class JiraError extends Error {
  readonly status: number;
  readonly errorMessages: string[];
  readonly errors: Record<string, string>;

  constructor(status: number, errorMessages: string[], errors: Record<string, string> = {}) {
    super(errorMessages[0] ?? Object.values(errors)[0] ?? `HTTP ${status}`);
    this.name = 'JiraError';
    this.status = status;
    this.errorMessages = errorMessages;
    this.errors = errors;
  }
}

/** 400 naming one message for the whole request. */
export function badRequest(message: string): JiraError {
  return new JiraError(400, [message]);
}

/** 400 naming what is wrong with each field. */
export function fieldErrors(errors: Record<string, string>): JiraError {
  return new JiraError(400, [], errors);
}

export function forbidden(message: string): JiraError {
  return new JiraError(403, [message]);
}

export function notFound(message: string): JiraError {
  return new JiraError(404, [message]);
}

/** JIRA does not tell an issue that is absent from one that is hidden. */
export function issueNotFound(): JiraError {
  return notFound('Issue does not exist or you do not have permission to see it.');
}

export function offScreen(fieldId: string): string {
  return `Field '${fieldId}' cannot be set. It is not on the appropriate screen, or unknown.`;
}
