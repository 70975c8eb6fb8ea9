import { z } from 'zod';
import { environment } from '../runtime/index.ts';

/** The pieces that a provider's environment variables are made of. */
export const accountVariables = {
  baseUrl: () => environment.url('http', 'https').optional(),
  secret: () => z.string().regex(/^\S+$/, 'must not contain white space').optional(),
  mode: () => z.enum(['test', 'live'], 'must be test or live').default('live'),
};

/** Secrets that are set: the present one first, then the previous one while it is being rotated. */
export const setSecrets = (...secrets: (string | undefined)[]): string[] => secrets.filter((secret) => secret !== undefined);
