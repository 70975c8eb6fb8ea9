import { accountIdPattern, providerNames } from '@gateway/shared/provider';
import { storeIdPattern } from '@gateway/shared/runtime';
import { z } from 'zod';
import { CommandError, UsageError } from './command-error.ts';

/** @throws CommandError */
export function knownProvider(name: string): string {
  if (!providerNames.includes(name))
    throw new CommandError({
      en: `unknown provider ${name}; known providers: ${providerNames.join(', ')}`,
      id: `penyedia ${name} tidak dikenal; yang dikenal: ${providerNames.join(', ')}`,
    });
  return name;
}

export const providerName = z.string().transform(knownProvider);

export const storeId = z
  .string()
  .regex(storeIdPattern, { error: ({ input }) => `invalid store id ${JSON.stringify(input)}: expected 1 to 64 of A-Z a-z 0-9 _ . -` });

/** `midtrans/jkt` */
export const accountName = z.string().transform((name) => {
  const [provider = '', account = '', ...others] = name.split('/');
  if (others.length > 0 || !accountIdPattern.test(account))
    throw new UsageError({
      en: 'an account is <provider>/<id>, its id 1 to 31 of a-z 0-9 -, no dash first',
      id: 'akun ditulis <penyedia>/<id>; id-nya 1 sampai 31 dari a-z 0-9 -, tidak diawali tanda hubung',
    });
  return { provider: knownProvider(provider), account };
});
