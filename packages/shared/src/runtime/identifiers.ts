import { randomBytes, randomFillSync } from 'node:crypto';
import { encodeTime, monotonicFactory } from 'ulid';

const randomPool = new Uint8Array(4_096);
let used = randomPool.length;

/** A fraction of [0, 1) for one letter of a ULID. It is taken from a pool, because each request has an id, and 16 system calls cost more. */
function randomFraction(): number {
  if (used === randomPool.length) {
    randomFillSync(randomPool);
    used = 0;
  }
  return (randomPool[used++] as number) / 256;
}

const nextUlid = monotonicFactory(randomFraction);

/** 26 characters of `[0-9a-z]` that sort by the time of their creation. */
export function newUlid(): string {
  return nextUlid().toLowerCase();
}

export const newPaymentId = (): string => `pay_${newUlid()}`;
/** The lowest id of a payment that is created at this time. Every payment of an earlier time has a lower id. */
export const lowestPaymentId = (at: Date): string => `pay_${encodeTime(at.getTime()).toLowerCase()}${'0'.repeat(16)}`;
export const newEventId = (): string => `evt_${newUlid()}`;
export const newRefundId = (): string => `ref_${newUlid()}`;
export const newTenderId = (): string => `ten_${newUlid()}`;
export const newRequestId = (): string => `req_${newUlid()}`;

export const paymentIdPattern = /^pay_[0-9a-z]{26}$/;
export const refundIdPattern = /^ref_[0-9a-z]{26}$/;
/** The `id` in `host.yaml`. It begins the references of the host's payments, so it contains no dash. */
export const hostIdPattern = /^[a-z][a-z0-9]{1,9}$/;
/** A store id is part of channel names, of paths and of Redis ACL patterns, so it contains no colon, slash, star or question mark. */
export const storeIdPattern = /^[A-Za-z0-9_.-]{1,64}$/;
/** `{host}-{ulid}-{no}`: the reference of an attempt. Other orders on the same provider account look different. */
export const attemptReferencePattern = /^(?<host>[a-z][a-z0-9]{1,9})-(?<ulid>[0-9a-z]{26})-\d{1,3}$/;

/** A payment's reference. The host's payment row carries it, every attempt's reference begins with it, and its first part finds the database again. */
export const newReference = (hostId: string): string => `${hostId}-${newUlid()}`;

/** @returns 256 random bits as 43 characters of `[A-Za-z0-9_-]`. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
