import type { components } from './generated/api.ts';

type ProblemBody = components['schemas']['Problem'];

/** Why the gateway refused a request, or could not answer it: RFC 9457. */
export class GatewayProblem extends Error {
  override readonly name = 'GatewayProblem';
  readonly status: number;
  /** What code decides by. An answer that is not the gateway's own, such as a proxy's, has `internal`. */
  readonly code: ProblemBody['code'];
  /** Names the request in the gateway's log. */
  readonly requestId: string | null;
  /** The invalid fields of the request. */
  readonly errors: { path: string; message: string }[];
  /** Seconds after which to try again; null: not said. */
  readonly retryAfter: number | null;
  /** Everything that the answer says, also fields of one code, such as `payment` of `already_paid`. */
  readonly body: ProblemBody & Record<string, unknown>;

  constructor(response: Response, answer: unknown) {
    const body = {
      code: 'internal',
      detail: `The gateway answered ${response.status}.`,
      ...(isObject(answer) ? answer : {}),
    } as ProblemBody & Record<string, unknown>;
    super(body.detail);
    this.status = response.status;
    this.code = body.code;
    this.requestId = body.request_id ?? response.headers.get('x-request-id');
    this.errors = body.errors ?? [];
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    this.retryAfter = Number.isNaN(seconds) ? null : seconds;
    this.body = body;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
