import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';

const derive = promisify<Buffer, Buffer, number, ScryptOptions, Buffer>(scrypt); // runs in the thread pool, so the event loop is not blocked

/** Each role may do what the roles before it may. */
export const operatorRoles = ['viewer', 'operator', 'approver', 'admin'] as const;
/**
 * `viewer` reads. `operator` also acts. `approver` also lets a large refund go that another person asked for. `admin` also changes accounts,
 * keys and stores.
 */
export type OperatorRole = (typeof operatorRoles)[number];

/** Whether a person with the role `has` may do what needs the role `needed`. */
export const roleIncludes = (has: OperatorRole, needed: OperatorRole): boolean =>
  operatorRoles.indexOf(has) >= operatorRoles.indexOf(needed);

interface Cost {
  N: number;
  r: number;
  p: number;
}

/** A person who may use `/operator`: one entry of OPERATOR_USERS. */
export interface OperatorUser {
  name: string;
  role: OperatorRole;
  hash: { cost: Cost; salt: Buffer; key: Buffer };
}

/**
 * The least costs, each as strong as the others: more memory, or more passes.
 * Source: OWASP Password Storage Cheat Sheet, "scrypt", read 2026-11.
 */
const leastCosts: readonly Cost[] = [
  { N: 131_072, r: 8, p: 1 },
  { N: 65_536, r: 8, p: 2 },
  { N: 32_768, r: 8, p: 3 },
  { N: 16_384, r: 8, p: 5 },
  { N: 8_192, r: 8, p: 10 },
];
const defaultCost: Cost = { N: 16_384, r: 8, p: 5 }; // one guess takes 16 MiB, which a small container has, and about 0.2 s
const maxMemoryBytes = 128 * 1_048_576; // scrypt needs 128 × N × r bytes for one guess
const maxmem = 2 * maxMemoryBytes; // Node's own limit, with room for what it needs beside
/** Contains no colon and no comma, which separate the parts and the entries of OPERATOR_USERS. */
export const operatorNamePattern = /^[A-Za-z0-9._-]{1,40}$/;
const entryPattern = /^([^:]+):(viewer|operator|approver|admin):scrypt\$(\d+)\$(\d+)\$(\d+)\$([A-Za-z0-9_-]{16,})\$([A-Za-z0-9_-]{22,})$/;

/** An entry of OPERATOR_USERS: `name:role:scrypt$N$r$p$salt$hash`, the last two in base64url. */
export async function operatorEntry(name: string, role: OperatorRole, password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(Buffer.from(password), salt, 32, { ...defaultCost, maxmem });
  const { N, r, p } = defaultCost;
  return `${name}:${role}:${['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$')}`;
}

/** Takes constant time for equal costs. */
export async function isPasswordOf({ hash: { cost, salt, key } }: OperatorUser, password: string): Promise<boolean> {
  const derived = await derive(Buffer.from(password), salt, key.length, { ...cost, maxmem });
  return timingSafeEqual(derived, key);
}

/** Changes with the password, and tells nothing about it: a session that was begun with another password is over. */
export const fingerprintOf = ({ hash }: Pick<OperatorUser, 'hash'>): string =>
  createHash('sha256').update(hash.salt).update(hash.key).digest('base64url');

/** OPERATOR_USERS: entries with commas between them. Without entries `/operator` is not mounted. */
export const operatorUsers = () =>
  z
    .string()
    .default('')
    .transform((text, context): readonly OperatorUser[] => {
      const users = text.split(',').filter(Boolean).map(parseEntry);
      const invalidEntryNo = users.indexOf(null) + 1;
      const validUsers = users.filter((user) => user !== null);
      const hasDuplicateName = new Set(validUsers.map(({ name }) => name)).size < validUsers.length;
      if (invalidEntryNo === 0 && !hasDuplicateName) return validUsers;
      // The message has the number of the entry, not its text: a wrong entry may contain the password itself.
      const format = 'must be name:role:scrypt$N$r$p$salt$hash, as strong as `npm run keys -- operator` makes it';
      context.addIssue({ code: 'custom', message: invalidEntryNo ? `entry ${invalidEntryNo} ${format}` : 'names an operator twice' });
      return z.NEVER;
    });

function parseEntry(text: string): OperatorUser | null {
  const [, name = '', role, N, r, p, salt, key] = entryPattern.exec(text.trim()) ?? [];
  if (!operatorNamePattern.test(name) || !salt || !key) return null;
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  if (!isAffordable(cost) || !isStrong(cost)) return null;
  return { name, role: role as OperatorRole, hash: { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') } };
}

const isStrong = ({ N, r, p }: Cost): boolean => leastCosts.some((least) => N >= least.N && r >= least.r && p >= least.p);

/** Refuses costs that would take too much memory or time for one guess. */
const isAffordable = ({ N, r, p }: Cost): boolean =>
  N > 1 && Number.isInteger(Math.log2(N)) && r > 0 && p > 0 && p <= 16 && 128 * N * r <= maxMemoryBytes;
