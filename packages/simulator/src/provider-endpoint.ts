import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as realDelay } from 'node:timers/promises';
import { CallLedger } from './call-ledger.ts';
import type { CallRecord, ProviderName } from './charge.ts';
import type { FaultRule, Faults } from './faults.ts';
import type { Answer, ProviderApi, Route } from './provider-call.ts';
import { readBody } from './read-body.ts';
import type { SimulatorClock } from './simulator-clock.ts';

/** Serves one request. `path` is the URL below the provider's base, `baseUrl` where the caller found that base. */
export type Serve = (req: IncomingMessage, res: ServerResponse, path: string, baseUrl: string) => Promise<void>;

interface EndpointParts<Account extends { id: string }> {
  provider: ProviderName;
  api: ProviderApi<Account>;
  faults: Faults;
  ledger: CallLedger;
  clock: SimulatorClock;
  /** Real milliseconds added to each answer. */
  latencyMs: number;
  log: (sentence: string) => void;
}

interface Arrival<Account> {
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
 * Takes HTTP calls for one provider: finds the route, knows the account, lets faults befall it, keeps the ledger, answers.
 * What the provider says is the business of its api; how the wire behaves is ours.
 */
export class ProviderEndpoint<Account extends { id: string }> {
  readonly #parts: EndpointParts<Account>;

  constructor(parts: EndpointParts<Account>) {
    this.#parts = parts;
  }

  /** @param path the request's URL below the provider's base, with its query; `baseUrl` is where the caller found that base. */
  async serve(req: IncomingMessage, res: ServerResponse, path: string, baseUrl: string): Promise<void> {
    try {
      await this.#serve(req, res, path, baseUrl);
    } catch (error) {
      this.#parts.log(`a call to ${this.#parts.provider} could not be served: ${(error as Error).stack}`);
      req.socket.destroy();
    }
  }

  async #serve(req: IncomingMessage, res: ServerResponse, path: string, baseUrl: string): Promise<void> {
    const arrival = this.#arrive(req, res, path, baseUrl);
    if ('status' in arrival) return send(res, arrival);
    const { fault, record } = arrival;
    if (fault?.fault === 'refuse') {
      record.outcome = 'refused';
      this.#note(arrival, '');
      req.socket.resetAndDestroy(); // before the body is read: nothing was carried out
      return;
    }
    const body = await readBody(req);
    if ('unread' in body) {
      if (body.unread === 'too_large') await this.#deliver(arrival, this.#parts.api.refusals.tooLarge());
      return;
    }
    if (fault?.fault === 'hang') {
      this.#note(arrival, body.text);
      return; // the caller waits until it has had enough
    }
    await this.#deliver(arrival, this.#answer(arrival, body.text));
  }

  #arrive(req: IncomingMessage, res: ServerResponse, pathAndQuery: string, baseUrl: string): Arrival<Account> | Answer {
    const { api, faults, ledger, clock, provider } = this.#parts;
    const [path = '', search] = pathAndQuery.split('?', 2);
    const query = new URLSearchParams(search);
    const account = api.identify(req.headers.authorization);
    const found = this.#route(req.method ?? 'GET', path);
    const operation = found && 'route' in found ? found.route.operation : 'other';
    const fault = faults.strike(operation, account?.id ?? null);
    const forUserId = req.headers['for-user-id'];
    const record = ledger.enter({
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

  #answer(arrival: Arrival<Account>, text: string): Answer {
    const { refusals } = this.#parts.api;
    const { account, route, fault, record } = arrival;
    const instead = !account && !route.open ? refusals.unauthorized() : fault && this.#insteadOf(route, fault, arrival.path);
    if (instead) {
      this.#note(arrival, text);
      return instead;
    }
    const asOf = fault?.fault === 'lag' ? Date.now() - fault.delay_ms : Date.now();
    const { params, baseUrl, query, req } = arrival;
    const answer = route.handle({ account: account as Account, params, query, headers: req.headers, text, fault, asOf, baseUrl });
    if (answer.charge) CallLedger.attach(record, answer.charge);
    else this.#note(arrival, text);
    return this.#afterEffect(route, fault, answer);
  }

  /** Writes down what a call was about that was not carried out. */
  #note({ account, params, query, route, record }: Arrival<Account>, text: string): void {
    const { charge, reference } = this.#parts.api.subjectOf({ account, params, query, text }, route.operation);
    record.reference = reference;
    if (charge) CallLedger.attach(record, charge);
  }

  /** The answer of a fault that keeps the call from being carried out. */
  #insteadOf(route: Route<Account>, { fault, delay_ms }: FaultRule, path: string): Answer | null {
    const { refusals } = this.#parts.api;
    if (fault === 'http_500') return refusals.serverError();
    if (fault === 'http_502_html') return badGateway;
    if (fault === 'rate_limited') return refusals.rateLimited(delay_ms);
    if (fault === 'unauthorized') return refusals.unauthorized();
    if (fault === 'rejected') return refusals.rejected(route.operation, path);
    return null;
  }

  /** What becomes of an answer on its way out, when the call was carried out. */
  #afterEffect(route: Route<Account>, fault: FaultRule | null, answer: Answer): Answer {
    const { refusals } = this.#parts.api;
    const keep = { charge: answer.charge, ...(answer.done ? { done: answer.done } : {}) };
    if (fault?.fault === 'http_500_after_effect') return { ...refusals.serverError(), ...keep };
    if (fault?.fault === 'duplicate') return { ...refusals.duplicate(route.operation), ...keep };
    if (fault?.fault === 'truncated') return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) };
    return answer;
  }

  async #deliver({ req, res, fault, record }: Arrival<Account>, answer: Answer): Promise<void> {
    if (fault?.fault === 'hang_after_effect') return answer.done?.();
    if (fault?.fault === 'reset_after_effect') {
      record.outcome = 'reset';
      answer.done?.();
      req.socket.resetAndDestroy();
      return;
    }
    const waitMs = this.#parts.latencyMs + (fault?.fault === 'slow' ? fault.delay_ms : 0);
    if (waitMs > 0) await realDelay(waitMs, undefined, { ref: false });
    answer.done?.();
    record.outcome = answer.outcome;
    if (res.destroyed) return;
    record.http_status = answer.status;
    if (fault?.fault === 'slow_drip') return drip(res, answer, fault.delay_ms);
    send(res, answer);
  }
}

/** What a proxy at the provider's edge says when there is nobody behind it. */
const badGateway: Answer = {
  status: 502,
  body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n',
  type: 'text/html',
  outcome: 'http_502',
};

function head(answer: Answer): Record<string, string | number> {
  return { 'content-type': answer.type, 'content-length': Buffer.byteLength(answer.body), ...answer.headers };
}

function send(res: ServerResponse, answer: Answer): void {
  res.writeHead(answer.status, head(answer));
  res.end(answer.body);
}

const drops = 10;

/** The head at once, then the body in ten drops over `totalMs`. */
async function drip(res: ServerResponse, answer: Answer, totalMs: number): Promise<void> {
  const body = Buffer.from(answer.body);
  const size = Math.ceil(body.length / drops);
  res.writeHead(answer.status, head(answer));
  for (let at = 0; at < body.length && !res.destroyed; at += size) {
    await realDelay(totalMs / drops, undefined, { ref: false });
    res.write(body.subarray(at, at + size));
  }
  res.end();
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // no charge bears such a name, so it will not be found
  }
}
