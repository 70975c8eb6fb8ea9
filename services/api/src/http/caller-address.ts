import type { Request } from 'express';

/** The caller's address as limits count it. TRUST_PROXY says how many proxies may name it. */
export const callerAddress = ({ ip = '' }: Pick<Request, 'ip'>): string => countedAddress(ip);

/** An IPv6 address stands for its /64 network, because one customer of a network provider has all of those addresses. */
export const countedAddress = (address: string): string => (address.includes(':') && !address.includes('.') ? networkOf(address) : address);

function networkOf(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const zeros = address.includes('::') ? Array<string>(8 - left.length - right.length).fill('0') : [];
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
