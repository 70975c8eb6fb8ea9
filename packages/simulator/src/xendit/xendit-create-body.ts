import type { SwitchSettings } from '../switches.ts';

/** A valid payment request. The amount is in whole rupiah. */
export interface PaymentRequestBody {
  referenceId: string;
  requestAmount: number;
  /** Real time; null when none was sent, or the switch `xendit_honours_expires_at` is off. */
  expiresAt: number | null;
  /** The fields that every answer returns. */
  echo: Record<string, unknown>;
}

/** Why a body is refused: Xendit's error code, and a message for each problem. */
export interface BodyRefusal {
  errorCode: 'API_VALIDATION_ERROR' | 'INVALID_VALUE_ERROR' | 'INVALID_JSON_FORMAT';
  problems: string[];
}

type Json = Record<string, unknown>;

/** Parses and validates the body of `POST /v3/payment_requests`. Source: providers.md 3.3, 3.13. */
export function readCreateBody(text: string, switches: SwitchSettings): PaymentRequestBody | BodyRefusal {
  const body = jsonObject(text);
  if (!body) return { errorCode: 'INVALID_JSON_FORMAT', problems: ['the body is not a JSON object'] };
  const problems = [
    ...fixedFieldProblems(body),
    ...referenceProblems(body.reference_id),
    ...descriptionProblems(body.description),
    ...metadataProblems(body.metadata),
    ...channelProblems(body.channel_properties, switches),
  ];
  if (body.items !== undefined && !Array.isArray(body.items)) problems.push('items must be an array');
  const amount = body.request_amount;
  if (amount === undefined) problems.push('request_amount is required');
  else if (typeof amount !== 'number') problems.push('request_amount must be a number');
  if (problems.length > 0) return { errorCode: 'API_VALIDATION_ERROR', problems };
  const wrongValue = amountProblem(Number(amount), switches);
  if (wrongValue) return { errorCode: 'INVALID_VALUE_ERROR', problems: [wrongValue] };
  const channelProperties = (body.channel_properties as Json | undefined) ?? {};
  const expiresAt = Date.parse(String(channelProperties.expires_at));
  return {
    referenceId: String(body.reference_id),
    requestAmount: Number(amount),
    expiresAt: switches.xendit_honours_expires_at && !Number.isNaN(expiresAt) ? expiresAt : null,
    echo: {
      channel_properties: echoedProperties(channelProperties, switches),
      ...Object.fromEntries(
        ['description', 'metadata', 'items'].filter((name) => body[name] !== undefined).map((name) => [name, body[name]]),
      ),
    },
  };
}

function fixedFieldProblems(body: Json): string[] {
  const required = { type: 'PAY', country: 'ID', currency: 'IDR', channel_code: 'QRIS' };
  const problems = Object.entries(required)
    .filter(([name, value]) => body[name] !== value)
    .map(([name, value]) => (body[name] === undefined ? `${name} is required` : `${name} must be ${value}`));
  if (body.capture_method !== undefined && body.capture_method !== 'AUTOMATIC') problems.push('capture_method must be AUTOMATIC');
  return problems;
}

function referenceProblems(reference: unknown): string[] {
  if (typeof reference !== 'string') return ['reference_id is required'];
  return reference.length >= 1 && reference.length <= 255 ? [] : ['reference_id must have 1 to 255 characters'];
}

function descriptionProblems(description: unknown): string[] {
  if (description === undefined) return [];
  const isValid = typeof description === 'string' && description.length >= 1 && description.length <= 1_000;
  return isValid ? [] : ['description must have 1 to 1000 characters'];
}

function metadataProblems(metadata: unknown): string[] {
  if (metadata === undefined || metadata === null) return [];
  if (!isObject(metadata)) return ['metadata must be an object'];
  const entries = Object.entries(metadata);
  if (entries.length > 50) return ['metadata must have at most 50 keys'];
  const isValid = entries.every(([key, value]) => key.length <= 40 && String(value).length <= 500);
  return isValid ? [] : ['metadata keys have at most 40 characters, values at most 500'];
}

function channelProblems(properties: unknown, switches: SwitchSettings): string[] {
  if (properties === undefined) return switches.xendit_requires_channel_properties ? ['channel_properties is required'] : [];
  return isObject(properties) ? [] : ['channel_properties must be an object'];
}

function amountProblem(amount: number, switches: SwitchSettings): string | null {
  if (!Number.isInteger(amount) || amount < 1) return 'request_amount must be a whole number of rupiah, at least 1';
  return amount > switches.xendit_max_amount ? `request_amount must not exceed ${switches.xendit_max_amount}` : null;
}

/** An `expires_at` that is not honoured is not returned either: "If sent and echoed, honour what is echoed" (providers.md 3.13). */
function echoedProperties({ expires_at: expiresAt, ...rest }: Json, switches: SwitchSettings): Json {
  return switches.xendit_honours_expires_at && expiresAt !== undefined ? { ...rest, expires_at: expiresAt } : rest;
}

export function jsonObject(text: string): Json | null {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
