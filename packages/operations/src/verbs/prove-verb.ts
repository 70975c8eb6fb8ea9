import { accountKey } from '@gateway/shared/provider';
import { auditLog, providerAccounts } from '@gateway/shared/store';
import { causes, type ProofStep, stepWords } from '../account-proof/proof-step.ts';
import { type Proof, proveAccount } from '../account-proof/prove-account.ts';
import { CommandError } from '../command-error.ts';
import { argument, checkbox } from '../field.ts';
import { accountName } from '../ids.ts';
import { directoryOf, unknownAccount, webhookUrlOf } from '../known-accounts.ts';
import { defineVerb } from '../verb.ts';
import { joined, same, type Words } from '../words.ts';

const limitMs = 45_000; // with the cancelling of the charge, the command names a cause within a minute
const webhookWaitMs = 20_000;
const marks = { proven: '✓', failed: '✗', skipped: '-' } as const;

/** Tries an account at its provider, step by step. */
export const proveVerb = defineVerb({
  words: 'accounts prove',
  group: 'accounts',
  role: 'admin',
  changes: 'a charge at the provider',
  reason: 'optional',
  title: { en: 'Prove an account', id: 'Buktikan akun' },
  description: {
    en: `Tries the account: credentials, clock, mode, QRIS activated, a charge of Rp 1,000 made, its QR read, cancelled, its webhook back.
      In live mode it asks before it makes the charge, unless --yes is given. Exit 1 names the first cause and what to do.`,
    id: 'Mencoba akun langkah demi langkah: kredensial, jam, mode, QRIS aktif, tagihan Rp 1.000 dibuat, QR-nya dibaca, dibatalkan, webhook-nya kembali.',
  },
  fields: {
    account: argument('the account (midtrans/jkt)', accountName, { label: { en: 'Account', id: 'Akun' }, placeholder: 'provider>/<id' }),
    yes: checkbox({ en: 'Make the charge also in live mode', id: 'Buat tagihan juga di mode live' }),
  },
  run: async (context, { account: { provider, account: id }, yes }, by) => {
    const environment = context.accounts();
    return context.withControl(async (control) => {
      const unusable = new Map<string, string>();
      const rows = await providerAccounts.list(control.knex);
      const directory = directoryOf(environment, rows, context.clock, (found) => unusable.set(found.account, found.reason));
      const account = directory.find(provider, id);
      if (account === null) throw new CommandError(unknownAccount({ provider, account: id }));
      if (account === 'unreadable') {
        const reason = unusable.get(accountKey({ provider, id }));
        throw new CommandError({
          en: `no process with this environment can use ${provider}/${id}: ${reason ?? 'its secrets cannot be opened'}`,
          id: `tidak ada proses dengan lingkungan ini yang dapat memakai ${provider}/${id}: ${reason ?? 'rahasianya tidak dapat dibuka'}`,
        });
      }
      const name = accountKey(account);
      const question = `A charge of Rp 1,000 is made at ${name} in live mode, and cancelled at once. No money moves unless its QR is paid. Type yes: `;
      const proof = await proveAccount({
        account,
        control,
        clock: context.clock,
        providers: environment.providers,
        redisUrl: context.redisUrl(),
        address: webhookUrlOf(environment, account),
        limitMs,
        waitMs: webhookWaitMs,
        confirm: () => (yes ? Promise.resolve(true) : context.confirm(question)),
        onStep: () => {},
      });
      const details = { proven: proof.cause === null, cause: proof.cause };
      await auditLog.record(control.knex, { action: 'prove-account', subject: name, details }, { ...by, at: context.clock.now() });
      return resultOf(name, proof);
    });
  },
});

function resultOf(account: string, { cause, steps }: Proof) {
  const asJson = steps.map(({ detail, advice, ...step }) => ({ ...step, detail: detail.en, advice: advice?.en ?? null }));
  const json = { account, proven: cause === null, cause, advice: cause && causes[cause].en, steps: asJson };
  const verdict =
    cause === null
      ? { en: `${account} works.`, id: `${account} berfungsi.` }
      : { en: `${account} does not work: ${cause}.`, id: `${account} tidak berfungsi: ${cause}.` };
  const content = [joined([...steps.map(lineOf), same(''), verdict], '\n')];
  const errors = cause === null ? [] : [{ en: `${cause}: ${causes[cause].en}`, id: `${cause}: ${causes[cause].id}` }];
  return { json, content, errors };
}

const lineOf = ({ step, verdict, detail, advice }: ProofStep): Words => {
  const line = (lang: keyof Words, name: string) =>
    `${marks[verdict]} ${name.padEnd(12)}${detail[lang]}${advice ? `\n  ${''.padEnd(12)}${advice[lang]}` : ''}`;
  return { en: line('en', step), id: line('id', stepWords[step]) };
};
