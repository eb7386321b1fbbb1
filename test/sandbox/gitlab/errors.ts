/** An answer of GitLab's API that is not a success: its status and the exact body. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** Shapes of `lib/api/helpers.rb`: `render_api_error!` and its named callers. */
export function apiError(status: number, message: unknown): ApiError {
  return new ApiError(status, { message });
}

export function notFound(what?: string): ApiError {
  return apiError(404, what === undefined ? '404 Not found' : `404 ${what} Not Found`);
}

export function unauthorized(): ApiError {
  return apiError(401, '401 Unauthorized');
}

export function forbidden(reason?: string): ApiError {
  return apiError(403, reason === undefined ? '403 Forbidden' : `403 Forbidden - ${reason}`);
}

export function badRequest(reason: string): ApiError {
  return apiError(400, `400 Bad request - ${reason}`);
}

export function methodNotAllowed(): ApiError {
  return apiError(405, '405 Method Not Allowed');
}

/** What Grape answers when a parameter is missing or of the wrong kind. */
export function invalidParameter(error: string): ApiError {
  return new ApiError(400, { error });
}
