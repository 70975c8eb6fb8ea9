import { z } from 'zod';
import { environment } from '../runtime/index.ts';

/** Schemas for a provider's environment variables. */
export const accountVariables = {
  baseUrl: () => environment.url('http', 'https').optional(),
  secret: () => z.string().regex(/^\S+$/, 'must not contain white space').optional(),
  mode: () => z.enum(['test', 'live'], 'must be test or live').default('live'),
};

/** The secrets that are set: the current one first, then the previous one while the secret is being rotated. */
export const setSecrets = (...secrets: (string | undefined)[]): string[] => secrets.filter((secret) => secret !== undefined);
