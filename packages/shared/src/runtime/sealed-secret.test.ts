import { inspect } from 'node:util';
import { z } from 'zod';
import { EnvironmentError, readEnvironment } from './environment.ts';
import {
  fingerprintOf,
  type MasterKeys,
  masterKeysVariable,
  newMasterKey,
  open,
  reseal,
  SealError,
  seal,
  sealedWith,
} from './sealed-secret.ts';

const read = (text: string): MasterKeys =>
  readEnvironment(z.object({ MASTER_KEYS: masterKeysVariable() }), { MASTER_KEYS: text }).MASTER_KEYS;
const [old, next] = [newMasterKey('2025'), newMasterKey('2026')];
const row = 'provider_accounts midtrans/jkt';
const secret = 'SB-Mid-server-canary';

describe('a sealed secret', () => {
  it('opens in its own row, and is another text each time', () => {
    const keys = read(old);
    const [one, two] = [seal(keys, row, secret), seal(keys, row, secret)];
    expect(open(keys, row, one)).toBe(secret);
    expect(one).not.toBe(two);
    expect(one).not.toContain('canary');
    expect(sealedWith(one)).toBe('2025');
  });

  it.each<[string, MasterKeys, (sealed: string) => string, string]>([
    ['in another row', read(old), (sealed) => sealed, 'provider_accounts midtrans/bdg'],
    ['without its master key', read(next), (sealed) => sealed, row],
    ['with another key of the same id', read(newMasterKey('2025')), (sealed) => sealed, row],
    ['when its text was changed', read(old), (sealed) => sealed.replace(/.{4}$/, 'AAAA'), row],
    ['when its data key was changed', read(old), (sealed) => sealed.replace(/\.2025\..{4}/, '.2025.AAAA'), row],
    ['when it is cut', read(old), (sealed) => sealed.slice(0, 40), row],
    ['when it was never sealed', read(old), () => secret, row],
  ])('does not open %s, and the error shows no part of it', (_, keys, change, openedRow) => {
    const sealed = seal(read(old), row, secret);
    const opening = () => open(keys, openedRow, change(sealed));
    expect(opening).toThrow(SealError);
    expect(opening).not.toThrow('canary');
  });

  it('is sealed with the first master key, opened with all, and moved to the first one by reseal', () => {
    const sealed = seal(read(old), row, secret);
    const both = read(`${next},${old}`);
    expect(open(both, row, sealed)).toBe(secret);
    const moved = reseal(both, row, sealed) as string;
    expect([sealedWith(moved), open(read(next), row, moved)]).toEqual(['2026', secret]);
    expect(reseal(both, row, moved)).toBeNull();
  });

  it('cannot be made without a master key', () => {
    expect(() => seal(read(''), row, secret)).toThrow('MASTER_KEYS is not set');
  });

  it('is named by a fingerprint that tells secrets apart', () => {
    expect(fingerprintOf(secret)).toMatch(/^sha256:[0-9a-f]{12}$/);
    expect(fingerprintOf(secret)).not.toBe(fingerprintOf(`${secret}2`));
  });
});

describe('MASTER_KEYS', () => {
  it.each(['2026', '2026:c2hvcnQ=', `${old},${old}`, 'a b:QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUI='])(
    'is refused without its value: %s',
    (text) => {
      const reading = () => read(text);
      expect(reading).toThrow(EnvironmentError);
      expect(reading).toThrow('MASTER_KEYS: must be <id>:<base64 of 32 bytes>, separated by commas, each id once');
      expect(reading).not.toThrow(text);
    },
  );

  it('shows its bytes neither in a log line nor in JSON', () => {
    const bytes = old.split(':')[1] as string;
    const keys = read(old);
    const hex = Buffer.from(bytes, 'base64').toString('hex');
    for (const shown of [inspect(keys, { depth: 9, showHidden: true }), JSON.stringify(keys)]) {
      expect(shown).not.toContain(bytes);
      expect(shown).not.toContain(hex.slice(0, 8));
    }
  });
});
