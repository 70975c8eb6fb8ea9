import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as realDelay } from 'node:timers/promises';
import { CallLog } from './call-log.ts';
import type { CallRecord, ProviderName } from './charge.ts';
import type { FaultRule, Faults } from './faults.ts';
import type { FakeResponse, ProviderApi, Route } from './provider-call.ts';
import { readBody } from './request-body.ts';
import type { SimulatorClock } from './simulator-clock.ts';

/** Serves one request. `path` is the URL below the provider's base URL, with its query; `baseUrl` is that base URL as the caller used it. */
export type Serve = (req: IncomingMessage, res: ServerResponse, path: string, baseUrl: string) => Promise<void>;

interface EndpointParts<Account extends { id: string }> {
  provider: ProviderName;
  api: ProviderApi<Account>;
  faults: Faults;
  callLog: CallLog;
  clock: SimulatorClock;
  /** Real milliseconds added to each answer. */
  latencyMs: number;
  log: (message: string) => void;
}

interface IncomingCall<Account> {
  req: IncomingMessage;
  res: ServerResponse;
  baseUrl: string;
  path: string;
  query: URLSearchParams;
  route: Route<Account>;
  params: readonly string[];
  account: Account | null;
  fault: FaultRule | null;
  record: CallRecord;
}

/**
 * Serves the HTTP calls to one provider: finds route and account, applies a fault, records the call, answers.
 * The provider's `ProviderApi` decides what an answer contains; this class decides whether and how it is sent.
 */
export class ProviderEndpoint<Account extends { id: string }> {
  readonly #parts: EndpointParts<Account>;

  constructor(parts: EndpointParts<Account>) {
    this.#parts = parts;
  }

  /** Never throws: an error inside the simulator is logged, and the connection is closed. */
  async serve(req: IncomingMessage, res: ServerResponse, path: string, baseUrl: string): Promise<void> {
    try {
      await this.#serve(req, res, path, baseUrl);
    } catch (error) {
      this.#parts.log(`call to ${this.#parts.provider} failed: ${(error as Error).stack}`);
      req.socket.destroy();
    }
  }

  async #serve(req: IncomingMessage, res: ServerResponse, path: string, baseUrl: string): Promise<void> {
    const call = this.#accept(req, res, path, baseUrl);
    if ('status' in call) return this.#send(res, call);
    const { fault, record } = call;
    if (fault?.fault === 'refuse') {
      record.outcome = 'refused';
      this.#recordUnhandled(call, '');
      req.socket.resetAndDestroy(); // before the body is read: nothing was carried out
      return;
    }
    const body = await readBody(req);
    if ('unread' in body) {
      if (body.unread === 'too_large') await this.#deliver(call, this.#parts.api.refusals.tooLarge());
      return;
    }
    if (fault?.fault === 'hang') {
      this.#recordUnhandled(call, body.text);
      return; // no answer: the caller waits until its own timeout
    }
    await this.#deliver(call, this.#respond(call, body.text));
  }

  #accept(req: IncomingMessage, res: ServerResponse, pathAndQuery: string, baseUrl: string): IncomingCall<Account> | FakeResponse {
    const { api, faults, callLog, clock, provider } = this.#parts;
    const [path = '', search] = pathAndQuery.split('?', 2);
    const query = new URLSearchParams(search);
    const account = api.identify(req.headers.authorization);
    const found = this.#route(req.method ?? 'GET', path);
    const operation = found && 'route' in found ? found.route.operation : 'other';
    const fault = faults.match(operation, account?.id ?? null);
    const forUserId = req.headers['for-user-id'];
    const record = callLog.add({
      at: clock.now(),
      provider,
      account: account?.id ?? null,
      operation,
      method: req.method ?? 'GET',
      path,
      reference: null,
      outcome: 'no_answer',
      http_status: null,
      fault: fault?.fault ?? null,
      ...(forUserId === undefined ? {} : { for_user_id: String(forUserId) }),
    });
    if (found && 'route' in found) return { req, res, baseUrl, path, query, account, fault, record, ...found };
    req.resume();
    const refusal = found ? api.refusals.wrongMethod() : api.refusals.unknownPath();
    record.outcome = refusal.outcome;
    record.http_status = refusal.status;
    return refusal;
  }

  #route(method: string, pathname: string): { route: Route<Account>; params: string[] } | { wrongMethod: true } | null {
    let pathExists = false;
    for (const route of this.#parts.api.routes) {
      const match = route.path.exec(pathname);
      if (!match) continue;
      if (route.method === method) return { route, params: match.slice(1).map(decoded) };
      pathExists = true;
    }
    return pathExists ? { wrongMethod: true } : null;
  }

  #respond(call: IncomingCall<Account>, text: string): FakeResponse {
    const { refusals } = this.#parts.api;
    const { account, route, fault, record } = call;
    const earlyResponse = !account && !route.isPublic ? refusals.unauthorized() : fault && this.#faultResponse(route, fault, call.path);
    if (earlyResponse) {
      this.#recordUnhandled(call, text);
      return earlyResponse;
    }
    const asOf = fault?.fault === 'lag' ? Date.now() - fault.delay_ms : Date.now();
    const { params, baseUrl, query, req } = call;
    const response = route.handle({ account: account as Account, params, query, headers: req.headers, text, fault, asOf, baseUrl });
    if (response.charge) CallLog.attach(record, response.charge);
    else this.#recordUnhandled(call, text);
    return this.#afterEffect(route, fault, response);
  }

  /** Records what a call was about that was not carried out. */
  #recordUnhandled({ account, params, query, route, record }: IncomingCall<Account>, text: string): void {
    const { charge, reference } = this.#parts.api.subjectOf({ account, params, query, text }, route.operation);
    record.reference = reference;
    if (charge) CallLog.attach(record, charge);
  }

  /** The answer of a fault that prevents the call; null when the fault does not prevent it. */
  #faultResponse(route: Route<Account>, { fault, delay_ms }: FaultRule, path: string): FakeResponse | null {
    const { refusals } = this.#parts.api;
    if (fault === 'http_500') return refusals.serverError();
    if (fault === 'http_502_html') return badGateway;
    if (fault === 'rate_limited') return refusals.rateLimited(delay_ms);
    if (fault === 'unauthorized') return refusals.unauthorized();
    if (fault === 'rejected') return refusals.rejected(route.operation, path);
    return null;
  }

  /** The answer to a call that was carried out, changed as the fault says. */
  #afterEffect(route: Route<Account>, fault: FaultRule | null, response: FakeResponse): FakeResponse {
    const { refusals } = this.#parts.api;
    const unchanged = { charge: response.charge, ...(response.onFinished ? { onFinished: response.onFinished } : {}) };
    if (fault?.fault === 'http_500_after_effect') return { ...refusals.serverError(), ...unchanged };
    if (fault?.fault === 'duplicate') return { ...refusals.duplicate(route.operation), ...unchanged };
    if (fault?.fault === 'truncated') return { ...response, body: response.body.slice(0, Math.floor(response.body.length / 2)) };
    return response;
  }

  async #deliver({ req, res, fault, record }: IncomingCall<Account>, response: FakeResponse): Promise<void> {
    if (fault?.fault === 'hang_after_effect') return response.onFinished?.();
    if (fault?.fault === 'reset_after_effect') {
      record.outcome = 'reset';
      response.onFinished?.();
      req.socket.resetAndDestroy();
      return;
    }
    const waitMs = this.#parts.latencyMs + (fault?.fault === 'slow' ? fault.delay_ms : 0);
    if (waitMs > 0) await realDelay(waitMs, undefined, { ref: false });
    response.onFinished?.();
    record.outcome = response.outcome;
    if (res.destroyed) return;
    record.http_status = response.status;
    if (fault?.fault === 'slow_drip') return drip(res, this.#dated(response), fault.delay_ms);
    this.#send(res, response);
  }

  #send(res: ServerResponse, response: FakeResponse): void {
    send(res, this.#dated(response));
  }

  /** The provider states its own time, as every HTTP server does. */
  #dated(response: FakeResponse): FakeResponse {
    return { ...response, headers: { ...response.headers, date: new Date(this.#parts.clock.now()).toUTCString() } };
  }
}

/** The page of a proxy in front of a provider that is down. */
const badGateway: FakeResponse = {
  status: 502,
  body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n',
  type: 'text/html',
  outcome: 'http_502',
};

function head(response: FakeResponse): Record<string, string | number> {
  return { 'content-type': response.type, 'content-length': Buffer.byteLength(response.body), ...response.headers };
}

function send(res: ServerResponse, response: FakeResponse): void {
  res.writeHead(response.status, head(response));
  res.end(response.body);
}

const chunkCount = 10;

/** Sends the head at once, then the body in ten chunks over `totalMs`. */
async function drip(res: ServerResponse, response: FakeResponse, totalMs: number): Promise<void> {
  const body = Buffer.from(response.body);
  const size = Math.ceil(body.length / chunkCount);
  res.writeHead(response.status, head(response));
  for (let at = 0; at < body.length && !res.destroyed; at += size) {
    await realDelay(totalMs / chunkCount, undefined, { ref: false });
    res.write(body.subarray(at, at + size));
  }
  res.end();
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // not valid URL encoding: no charge has this reference, so the lookup finds none
  }
}
