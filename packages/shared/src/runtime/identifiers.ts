import { randomBytes } from 'node:crypto';
import { monotonicFactory } from 'ulid';

const nextUlid = monotonicFactory();

/** 26 characters of `[0-9a-z]` that sort by the time they were made. */
export function newUlid(): string {
  return nextUlid().toLowerCase();
}

export const newPaymentId = (): string => `pay_${newUlid()}`;
export const newEventId = (): string => `evt_${newUlid()}`;
export const newRefundId = (): string => `ref_${newUlid()}`;
export const newRequestId = (): string => `req_${newUlid()}`;

/** What the host's payment row carries, and the stem of every attempt's reference: its first part finds the database again. */
export const newReference = (hostId: string): string => `${hostId}-${newUlid()}`;

/** @returns 256 random bits as 43 characters of `[A-Za-z0-9_-]`. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
