import { randomBytes, scryptSync } from 'node:crypto';

const cost = { N: 16_384, r: 8, p: 1 }; // 16 MiB and some 50 ms for each guess

/** One entry of OPERATOR_USERS: `name:role:scrypt$N$r$p$salt$hash`, the last two in base64url. */
export function operatorUser(name: string, role: 'viewer' | 'admin', password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, cost);
  const parts = ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')];
  return `${name}:${role}:${parts.join('$')}`;
}
