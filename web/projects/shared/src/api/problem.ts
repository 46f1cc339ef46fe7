/** The code of a 403 to everything until the user has changed a password that somebody else set. */
export const PASSWORD_CHANGE_REQUIRED = 'auth.password_change_required';

/** One problem+json answer of the server (RFC 9457), or a request that got no answer (status 0). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** Stable machine-readable reason, e.g. `insufficient_stock`; `network` when no answer came. */
    readonly code: string,
    readonly title: string,
    /** What happened and what to do, in the caller's language. Empty when the server said nothing. */
    readonly detail: string,
    /** Messages per field or per line (`items[0].quantity`). */
    readonly errors: Readonly<Record<string, readonly string[]>>,
    readonly traceId: string | null,
    /** Every member of the answer, for those a code brings along (e.g. the short lines of an order). */
    readonly members: Readonly<Record<string, unknown>>,
    /** Seconds the server asks to wait before another try. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail || title || code);
  }

  /** No answer: offline, server down, connection cut. Worth another try later. */
  get offline(): boolean {
    return this.status === 0;
  }

  static network(cause: unknown): ApiProblem {
    const problem = new ApiProblem(0, 'network', '', '', {}, null, {});
    problem.cause = cause;
    return problem;
  }

  /** Reads an unsuccessful answer; whatever body it has, this always gives a usable problem. */
  static async from(response: Response): Promise<ApiProblem> {
    // A proxy gave up, or our own service worker has no network: the server has not answered.
    if (response.status === 504) return ApiProblem.network(response.statusText);
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    const members = isRecord(body) ? body : {};
    return new ApiProblem(
      response.status,
      text(members['code']) || `http_${response.status}`,
      text(members['title']) || response.statusText,
      text(members['detail']),
      fieldErrors(members['errors']),
      text(members['traceId']) || response.headers.get('x-trace-id'),
      members,
      Number(response.headers.get('retry-after')) || null,
    );
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function fieldErrors(value: unknown): Record<string, string[]> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([field, messages]) => [
      field,
      (Array.isArray(messages) ? messages : [messages]).map(String),
    ]),
  );
}
