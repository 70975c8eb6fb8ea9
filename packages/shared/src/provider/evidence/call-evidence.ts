import { cutText, redact } from '../../runtime/index.ts';
import type { HttpResponse } from '../http-call.ts';
import { allowedText } from './allowed-text.ts';
import { allowed, type CallEvidenceRules, type EvidenceRules } from './evidence-rules.ts';

/** One call to a provider, as it was made. It holds secrets and personal data: only its `CallEvidence` may be kept. */
export interface ProviderCall {
  provider: string;
  account: string;
  operation: string;
  method: 'GET' | 'POST';
  /** The pattern of the path: `/v2/{id}/status`. */
  route: string;
  path: string;
  reference: string;
  durationMs: number;
  /** What was sent as JSON; undefined: no body. */
  body: unknown;
  /** What came back, or why nothing did. */
  outcome: HttpResponse | { failure: string };
}

/** Called after each call. It returns at once and never throws. */
export type RecordCall = (call: ProviderCall) => void;

/** What is kept of a call. Every text is ASCII, so that a database of any encoding can store it. */
export interface CallEvidence {
  path: string;
  /** Null: no body was sent. */
  request: string | null;
  /** Null: no complete answer came. */
  status: number | null;
  headers: Readonly<Record<string, string>>;
  answer: string | null;
  /** Why no answer came: `timeout`, `refused`. */
  failure: string | null;
}

const maxCharacters = 4_000; // of a body; an answer of a provider has about one thousand

// Those that tell how a provider limits us, and under which name its support finds the call.
const allowedHeaders = [
  'content-type',
  'date',
  'retry-after',
  'rate-limit-limit',
  'rate-limit-remaining',
  'rate-limit-reset',
  'request-id',
  'x-request-id',
] as const;

const nothingAllowed: CallEvidenceRules = { request: allowed(), answer: allowed() };

/** A call without its secrets, and without anything that may be about a payer. */
export function evidenceOf(call: ProviderCall, rules: EvidenceRules): CallEvidence {
  const { request, answer } = rules.calls[`${call.method} ${call.route}`] ?? nothingAllowed;
  const { outcome } = call;
  const sent = { path: ascii(redact(call.path)), request: call.body === undefined ? null : kept(JSON.stringify(call.body), request) };
  if ('failure' in outcome) return { ...sent, status: null, headers: {}, answer: null, failure: ascii(outcome.failure) };
  return { ...sent, status: outcome.status, headers: headersOf(outcome), answer: kept(textOf(outcome), answer), failure: null };
}

/** The body as text. An image says nothing about money that its charge does not say. */
const textOf = ({ headers, body }: HttpResponse): string =>
  String(headers['content-type'] ?? '').startsWith('image/') ? '' : body.toString('utf8');

function kept(text: string, rules: CallEvidenceRules['request']): string {
  const evidence = ascii(allowedText(text, rules));
  return evidence.length > maxCharacters ? `${evidence.slice(0, maxCharacters)}... (cut)` : evidence;
}

function headersOf({ headers }: HttpResponse): Record<string, string> {
  const found = allowedHeaders.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, ascii(cutText(redact(value), 100))]] : [];
  });
  return Object.fromEntries(found) as Record<string, string>;
}

/** Other characters as JSON writes them, and no character that PostgreSQL refuses. */
const ascii = (text: string): string =>
  text.replace(/[^\n\r\t -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
