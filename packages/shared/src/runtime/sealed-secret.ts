import { createCipheriv, createDecipheriv, createSecretKey, hash, type KeyObject, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** A key that seals the data key of each row. Its bytes are in a `KeyObject`, so that no log line and no JSON text can contain them. */
export interface MasterKey {
  id: string;
  key: KeyObject;
}

/** The first one seals, all open. Empty: nothing can be sealed or opened. */
export type MasterKeys = readonly MasterKey[];

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const version = 'v1';
const entryPattern = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/; // 44 characters of base64 are 32 bytes

/** The schema of `MASTER_KEYS`: `<id>:<base64 of 32 bytes>,…`. */
export const masterKeysVariable = () =>
  z
    .string()
    .default('')
    .transform((text, context): MasterKeys => {
      const entries = text
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean)
        .map((entry) => entryPattern.exec(entry));
      const ids = entries.map((entry) => entry?.[1]);
      if (entries.includes(null) || new Set(ids).size < ids.length) {
        context.addIssue({ code: 'custom', message: 'must be <id>:<base64 of 32 bytes>, separated by commas, each id once' });
        return z.NEVER;
      }
      return entries.map((entry) => ({ id: entry?.[1] as string, key: createSecretKey(Buffer.from(entry?.[2] as string, 'base64')) }));
    });

/** An entry of `MASTER_KEYS` with new random bytes. */
export const newMasterKey = (id: string): string => `${id}:${randomBytes(keyBytes).toString('base64')}`;

/** A sealed secret cannot be opened, or none can be sealed. The message contains no part of a key or a secret. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/**
 * Encrypts a secret with a new data key, and the data key with the first master key: `v1.<master key id>.<data key>.<secret>`. Both are bound
 * to `row`, the row's identity: a value that was copied into another row does not open there.
 * @param row names table and row, for example `provider_accounts midtrans/jkt`
 * @throws SealError when there is no master key
 */
export function seal(masterKeys: MasterKeys, row: string, secret: string): string {
  const master = masterKeys[0];
  if (!master) throw new SealError('no secret can be sealed: MASTER_KEYS is not set');
  const dataKey = randomBytes(keyBytes);
  try {
    const sealedKey = encrypt(master.key, `${row} data key ${master.id}`, dataKey);
    const sealedSecret = encrypt(createSecretKey(dataKey), row, Buffer.from(secret));
    return [version, master.id, sealedKey.toString('base64url'), sealedSecret.toString('base64url')].join('.');
  } finally {
    dataKey.fill(0);
  }
}

/** @throws SealError when its master key is missing, the value was changed, or it belongs to another row */
export function open(masterKeys: MasterKeys, row: string, sealed: string): string {
  const [found, id = '', sealedKey = '', sealedSecret = ''] = sealed.split('.');
  const master = masterKeys.find((each) => each.id === id);
  if (found !== version) throw new SealError(`the sealed secret of ${row} has an unknown form`);
  if (!master) throw new SealError(`the secret of ${row} was sealed with a master key that MASTER_KEYS does not have`);
  try {
    const dataKey = decrypt(master.key, `${row} data key ${id}`, Buffer.from(sealedKey, 'base64url'));
    const secret = decrypt(createSecretKey(dataKey), row, Buffer.from(sealedSecret, 'base64url')).toString();
    dataKey.fill(0);
    return secret;
  } catch {
    throw new SealError(`the sealed secret of ${row} was changed, belongs to another row, or MASTER_KEYS has another key of this id`);
  }
}

/** Seals with the first master key what another one sealed. Null: it is sealed with the first one. @throws SealError */
export function reseal(masterKeys: MasterKeys, row: string, sealed: string): string | null {
  return sealedWith(sealed) === masterKeys[0]?.id ? null : seal(masterKeys, row, open(masterKeys, row, sealed));
}

/** The id of the master key. It is no secret. */
export const sealedWith = (sealed: string): string => sealed.split('.')[1] ?? '';

/** Names a secret without showing it: two secrets with the same fingerprint are the same. */
export const fingerprintOf = (secret: string): string => `sha256:${hash('sha256', secret).slice(0, 12)}`;

function encrypt(key: KeyObject, boundTo: string, plain: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(boundTo));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: KeyObject, boundTo: string, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(boundTo))
    .setAuthTag(sealed.subarray(-tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}
