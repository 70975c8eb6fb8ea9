import { hash, timingSafeEqual } from 'node:crypto';

/**
 * Whether `candidate` is one of these secrets. It is compared with every one, in constant time and over digests of equal length,
 * so that the time reveals neither a match nor a length. An empty secret matches nothing.
 */
export function isSecretOf(candidate: string, secrets: readonly string[]): boolean {
  const digest = sha256(candidate);
  let isFound = false;
  for (const secret of secrets) {
    const isSame = timingSafeEqual(digest, sha256(secret));
    isFound = (isSame && secret !== '') || isFound;
  }
  return isFound;
}

const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');

/** A key of fixed length made of these parts, whatever they contain. */
export function deliveryKeyOf(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts));
}
