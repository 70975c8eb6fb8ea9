/** The `reason` of a socket error in metrics, logs and attempts. It does not decide the class of the ProviderError. */
const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'no_route',
  ENETUNREACH: 'no_route',
  ETIMEDOUT: 'connect_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  EPROTO: 'tls',
  UND_ERR_INVALID_ARG: 'unsendable', // HTTP forbids a header or the path
  UND_ERR_CLOSED: 'closed',
  UND_ERR_DESTROYED: 'closed',
  ECONNRESET: 'reset',
  EPIPE: 'write_error',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_HEADERS_OVERFLOW: 'oversized',
};

// The codes of certificate errors come from OpenSSL: DEPTH_ZERO_SELF_SIGNED_CERT, CERT_HAS_EXPIRED, UNABLE_TO_VERIFY_LEAF_SIGNATURE.
const tlsCode = /^ERR_(TLS|SSL)_|CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH|SIGNATURE/;

/** @param stage whether the first byte had been handed to a socket; before that, a reset of the new connection is a failed handshake */
export function reasonOf(error: unknown, stage: 'sent' | 'not_sent'): string {
  for (const code of codesOf(error, 0)) {
    if (stage === 'not_sent' && (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET')) return 'handshake';
    const reason = reasons[code] ?? (tlsCode.test(code) ? 'tls' : null);
    if (reason) return reason;
  }
  if (fieldOf(error, 'name') === 'HTTPParserError') return 'not_http';
  return stage === 'sent' ? 'broken_answer' : 'not_connected';
}

/** A copy with message and code only. undici attaches the bytes that it could not parse to some errors, and those must not reach a log. */
export function causeOf(error: unknown): Error {
  const code = codesOf(error, 0)[0];
  const message = fieldOf(error, 'message');
  return Object.assign(new Error(typeof message === 'string' && message ? message : (code ?? 'unknown')), code ? { code } : {});
}

/** Why the caller aborted the call: its deadline passed, or it needs the answer no more. */
export function abortReason(signal: AbortSignal): 'timeout' | 'aborted' {
  return fieldOf(signal.reason, 'name') === 'TimeoutError' ? 'timeout' : 'aborted';
}

/** The codes of an error, of its causes, and of each address that was tried. */
function codesOf(error: unknown, depth: number): string[] {
  if (depth > 3) return [];
  const code = fieldOf(error, 'code');
  const errors = fieldOf(error, 'errors');
  const cause = fieldOf(error, 'cause');
  return [
    ...(typeof code === 'string' ? [code] : []),
    ...(cause ? codesOf(cause, depth + 1) : []),
    ...(Array.isArray(errors) ? errors.flatMap((each) => codesOf(each, depth + 1)) : []),
  ];
}

// By shape, not by `instanceof`: in Jest, errors of Node and errors of the test come from different `Error` classes.
function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}
