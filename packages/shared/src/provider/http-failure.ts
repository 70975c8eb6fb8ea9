/** What a socket's error is called in metrics, logs and the attempt's `reason`. The class it lands in does not depend on this. */
const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'no_route',
  ENETUNREACH: 'no_route',
  ETIMEDOUT: 'connect_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  EPROTO: 'tls',
  UND_ERR_INVALID_ARG: 'unsendable', // a header or a path that HTTP forbids
  UND_ERR_CLOSED: 'closed',
  UND_ERR_DESTROYED: 'closed',
  ECONNRESET: 'reset',
  EPIPE: 'write_error',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_HEADERS_OVERFLOW: 'oversized',
};

// Node names a bad certificate after OpenSSL's verdict: DEPTH_ZERO_SELF_SIGNED_CERT, CERT_HAS_EXPIRED, UNABLE_TO_VERIFY_LEAF_SIGNATURE.
const tlsCode = /^ERR_(TLS|SSL)_|CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH|SIGNATURE/;

/** @param stage whether the first byte had been handed to a socket; a break before that, on a new connection, is a failed handshake. */
export function reasonOf(error: unknown, stage: 'sent' | 'not_sent'): string {
  for (const code of codesOf(error, 0)) {
    if (stage === 'not_sent' && (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET')) return 'handshake';
    const reason = reasons[code] ?? (tlsCode.test(code) ? 'tls' : null);
    if (reason) return reason;
  }
  if (fieldOf(error, 'name') === 'HTTPParserError') return 'not_http';
  return stage === 'sent' ? 'broken_answer' : 'not_connected';
}

/** What may be kept of a socket's error: undici hangs the bytes that it could not read on some of them, and those are the provider's words. */
export function causeOf(error: unknown): Error {
  const code = codesOf(error, 0)[0];
  const message = fieldOf(error, 'message');
  return Object.assign(new Error(typeof message === 'string' && message ? message : (code ?? 'unknown')), code ? { code } : {});
}

/** Why the caller took its question back: its deadline passed, or it lost interest. */
export function abortReason(signal: AbortSignal): 'timeout' | 'aborted' {
  return fieldOf(signal.reason, 'name') === 'TimeoutError' ? 'timeout' : 'aborted';
}

/** Codes of an error, of what it wraps, and of each address that was tried. */
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

// By shape, not by `instanceof`: errors of the runtime and of a test's realm are made by different `Error`s.
function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}
