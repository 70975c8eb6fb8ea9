import { csrfTokenOf } from '@gateway/api/src/operator/sign-in/csrf.ts';
import type { Loot } from './loot.ts';
import type { Operation } from './operations.ts';
import { changed, hostileBody, rubbishText } from './rubbish.ts';
import type { Choices } from './seeded.ts';

/**
 * What the caller has a right to. `none`: the answer is a refusal. `own`: a valid key of another tenant than the victim's. `page`: served to
 * every caller. `copy`: a genuine webhook that was captured, which may be answered 200 and changes nothing.
 */
export type Rights = 'none' | 'own' | 'page' | 'copy';

export interface HostileRequest {
  rights: Rights;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Buffer | string;
}

const json = { 'content-type': 'application/json' };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** The text with one character replaced, but not the last one: of that, base64 ignores some bits. */
function tampered(text: string, choices: Choices): string {
  const at = choices.below(Math.max(1, text.length - 2));
  const other = text[at] === 'A' ? 'B' : 'A';
  return choices.pick([
    text.slice(0, at) + other + text.slice(at + 1),
    text.slice(0, at),
    `${text.slice(0, at)}${other}${text.slice(at)}`,
    '',
  ]);
}

/** Headers of a caller without any valid key. */
function invalidCredential(loot: Loot, choices: Choices): Record<string, string> {
  const key = choices.pick(loot.keys);
  return choices.pick<() => Record<string, string>>([
    () => ({}),
    () => bearer(choices.pick(loot.invalidKeys)),
    () => bearer(tampered(key, choices)),
    () => bearer(`sk_live_${choices.token(40)}`),
    () => bearer(choices.pick(['', 'null', '*', '%', "' or 1=1", 'x'.repeat(4_000), key.toUpperCase(), `${key}x`, `x${key}`])),
    () => ({ authorization: choices.pick([`Basic ${Buffer.from(`${key}:`).toString('base64')}`, key, 'Bearer', `Token ${key}`]) }),
    () => ({ 'x-api-key': key, cookie: `authorization=${key}; operator_session=${choices.token(43)}` }),
    () => ({ 'x-forwarded-user': loot.operator, 'x-original-url': '/health', 'x-http-method-override': 'GET' }),
    () => bearer(loot.streamToken),
  ])();
}

/** The path of an operation, with the ids of one side or with rubbish. */
function pathOf({ path, query }: Operation, loot: Loot, choices: Choices, isTill: boolean): string {
  const side = isTill || choices.chance(0.5) ? loot.own : loot.victim;
  const known: Record<string, readonly string[]> = {
    payment_id: side.payments,
    order_id: isTill ? [`h-${choices.below(50)}`] : side.orders,
    store_id: [isTill ? choices.pick(['HOSTILE', 'DPS-01']) : side.store],
  };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = choices.chance(0.85) && known[name] ? choices.pick(known[name]) : rubbishText(choices).slice(0, 400);
    return choices.chance(0.97) ? encodeURIComponent(value.toWellFormed()) : value.replace(/[^!-~]/g, '%ff');
  });
  const values = (name: string) => (name === 'cursor' && choices.chance(0.7) ? tampered(loot.cursor, choices) : rubbishText(choices));
  const pairs = query
    .filter(() => choices.chance(0.3))
    .map((name) => [name, values(name).slice(0, 2_000).toWellFormed()] as [string, string]);
  if (choices.chance(0.03)) pairs.push(['__proto__[x]', '1'], ['limit', '5'], ['limit', '-5']);
  return pairs.length > 0 ? `${filled}?${new URLSearchParams(pairs)}` : filled;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];

/** Headers of the operation and others, with values that no till sends. Control characters cannot be in a header. */
function oddHeaders({ headers }: Operation, choices: Choices): Record<string, string> {
  const names = [
    ...headers,
    'x-request-id',
    'accept-language',
    'accept',
    'origin',
    'range',
    'if-none-match',
    ...(choices.chance(0.05) ? ['expect'] : []),
  ];
  const odd = names
    .filter(() => choices.chance(0.15))
    .map((name) => [
      name,
      rubbishText(choices)
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, 3_000),
    ]);
  return { prefer: 'respond-async', ...Object.fromEntries(odd) };
}

function apiRequest(operations: readonly Operation[], loot: Loot, choices: Choices, rights: 'none' | 'own'): HostileRequest {
  const isTill = rights === 'own' && choices.chance(0.3);
  const operation = choices.pick(operations);
  const key = isTill ? loot.tillKey : choices.pick(loot.keys);
  const credential = rights === 'own' ? bearer(key) : invalidCredential(loot, choices);
  const method = choices.chance(0.95) ? operation.method : choices.pick(methods);
  const sent =
    operation.examples.length > 0 && method !== 'HEAD' ? hostileBody(choices.pick(operation.examples), choices) : { headers: {} };
  const headers = { ...oddHeaders(operation, choices), ...sent.headers, ...credential };
  return { rights, method, path: pathOf(operation, loot, choices, isTill), headers, ...('body' in sent ? { body: sent.body } : {}) };
}

/** Tokens, signatures and scopes of another caller, that were tampered with or used for another thing. */
function tamperedRequest(loot: Loot, choices: Choices): HostileRequest {
  const [payment = ''] = loot.victim.payments;
  const token = () => encodeURIComponent(tampered(loot.streamToken, choices));
  const signature = () => encodeURIComponent(tampered(loot.qrSignature, choices));
  const get = (path: string, headers = {}): HostileRequest => ({ rights: 'none', method: 'GET', path, headers });
  return choices.pick([
    () => get(`/stores/JKT-01/events?token=${token()}`, { accept: choices.pick(['text/event-stream', '*/*']) }),
    () => get(`/stores/JKT-01/snapshot?token=${token()}`),
    () => get(`/stores/JKT-02/events?token=${loot.streamToken}`),
    () => get(`/stores/${loot.own.store}/snapshot?token=${loot.streamToken}`),
    () => get(`/transaction/payments/${payment}/qr.svg?sig=${signature()}`),
    () => get(`/transaction/payments/${payment}/qr.png?sig=${loot.qrSignature}&sig=${loot.qrSignature}`),
    () => get(`/transaction/payments/${choices.pick(loot.own.payments)}/qr.svg?sig=${loot.qrSignature}`),
    () => get('/transaction/payments', bearer(loot.eventsKey)),
    () => get('/webhook-endpoints', bearer(loot.eventsKey)),
    () => get('/stores/JKT-01/events', bearer(loot.eventsKey)),
  ])();
}

function webhookRequest(loot: Loot, choices: Choices): HostileRequest {
  const path = choices.pick(['/webhooks/midtrans', '/webhooks/midtrans/default']);
  const signed = choices.pick(['order_id', 'status_code', 'gross_amount', 'signature_key']);
  const forged = { ...loot.webhook, [signed]: tampered(loot.webhook[signed] ?? '', choices) };
  const post = (rights: Rights, to: string, body: string, headers: Record<string, string> = {}): HostileRequest => ({
    rights,
    method: 'POST',
    path: to,
    headers: { ...json, ...headers },
    body,
  });
  const capture = { event: 'payment.capture', data: { reference_id: loot.webhook.order_id, status: 'SUCCEEDED', request_amount: 55_000 } };
  return choices.pick([
    () => post('copy', path, JSON.stringify(loot.webhook)),
    () => post('none', path, JSON.stringify(forged)),
    () => post('none', path, JSON.stringify(changed({ ...forged, signature_key: choices.token(128) }, choices))),
    () => post('none', path, choices.pick(['', '{', '[]', 'null', '\0', '{"order_id":', 'x'.repeat(70_000)])),
    () =>
      post('none', '/webhooks/xendit', JSON.stringify(capture), { 'x-callback-token': choices.pick(['', choices.token(40), serverToken]) }),
    () => post('none', `/webhooks/xendit/${choices.token(5)}`, JSON.stringify(changed(capture, choices))),
    () => post('none', `/webhooks/${encodeURIComponent(rubbishText(choices).slice(0, 250).toWellFormed())}`, JSON.stringify(loot.webhook)),
  ])();
}

const serverToken = 'x-callback-token';

const consolePaths = ['', '/hold', '/release', '/log-out', '/queues', '/queues/api/queues', '/live', '/payments', '/look/../', '/..%2f'];

function consoleRequest(loot: Loot, choices: Choices): HostileRequest {
  const form = {
    'content-type': 'application/x-www-form-urlencoded',
    'sec-fetch-site': choices.pick(['same-origin', 'cross-site', 'none']),
  };
  const cookie = `operator_session=${choices.token(43)}; operator_form=guesser`;
  if (choices.chance(0.02)) {
    const csrf = choices.chance(0.5) ? csrfTokenOf('guesser') : choices.token(43);
    const body = new URLSearchParams({ username: loot.operator, password: choices.token(12), csrf }).toString();
    return { rights: 'none', method: 'POST', path: '/operator/sign-in', headers: { ...form, cookie }, body };
  }
  const body = new URLSearchParams({ provider: 'midtrans', account: '*', store_id: '*', csrf: csrfTokenOf('guesser') }).toString();
  const path = `/operator${choices.pick(consolePaths)}`;
  if (choices.chance(0.5)) return { rights: 'none', method: 'GET', path, headers: choices.chance(0.5) ? { cookie } : {} };
  return { rights: 'none', method: choices.pick(['POST', 'PUT', 'DELETE']), path, headers: { ...form, cookie }, body };
}

const pages = [
  '/docs',
  '/docs/',
  '/problems',
  '/problems/not_found',
  '/health/live',
  '/health/serving',
  '/health/ready',
  '/operator/sign-in',
];
const absent = [
  '/metrics',
  '/.env',
  '/..%2f..%2fetc/passwd',
  '//',
  '/docs/..%2f..',
  '/problems/%00',
  '/health/x',
  '/docs/%ff',
  '/%',
  '/a'.repeat(90),
];

function pageRequest(choices: Choices): HostileRequest {
  const path = choices.chance(0.02) ? '/openapi.json' : choices.pick([...pages, ...absent]);
  const method = choices.chance(0.8) ? 'GET' : choices.pick(methods);
  const headers = {
    range: 'bytes=-1',
    'accept-language': rubbishText(choices)
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, 500),
  };
  return { rights: 'page', method, path, headers };
}

/** A request of a caller without rights, or of the attacker with a valid key. From any address. */
export function requestOf(operations: readonly Operation[], loot: Loot, choices: Choices, hasKey: boolean): HostileRequest {
  const kind = choices.below(100);
  const request = hasKey
    ? apiRequest(operations, loot, choices, 'own')
    : kind < 50
      ? apiRequest(operations, loot, choices, 'none')
      : kind < 65
        ? tamperedRequest(loot, choices)
        : kind < 80
          ? webhookRequest(loot, choices)
          : kind < 92
            ? consoleRequest(loot, choices)
            : pageRequest(choices);
  const address = choices.chance(0.97)
    ? `10.${choices.below(256)}.${choices.below(256)}.${choices.below(256)}`
    : rubbishText(choices)
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, 200);
  return { ...request, headers: { 'x-forwarded-for': address, ...request.headers } };
}
