import { createInterface } from 'node:readline/promises';
import { accountKey } from '@gateway/shared/provider';
import { systemClock as clock } from '@gateway/shared/runtime';
import { auditLog, providerAccounts } from '@gateway/shared/store';
import { directoryOf, readAccountContext } from '../account-context.ts';
import { causes, type ProofStep } from '../account-proof/proof-step.ts';
import { type Proof, proveAccount } from '../account-proof/prove-account.ts';
import type { Command, Terminal } from '../cli.ts';
import { CommandError } from '../command-error.ts';
import { actor, withDatabase } from '../context.ts';
import { idOf, webhookUrlOf } from './account-commands.ts';

const limitMs = 45_000; // with the cancelling of the charge, the command names a cause within a minute
const webhookWaitMs = 20_000;
const marks = { proven: '✓', failed: '✗', skipped: '-' } as const;

/** Tries an account at its provider, step by step. */
export const proveCommand: Command = {
  words: 'accounts prove',
  usage: '<provider>/<id> [--yes]',
  description: `Tries the account: credentials, clock, mode, QRIS activated, a charge of Rp 1,000 made, its QR read, cancelled, its webhook back.
      In live mode it asks before it makes the charge, unless --yes is given. Exit 1 names the first cause and what to do.`,
  positionals: 1,
  options: { yes: { type: 'boolean' } },
  run: async (args, env, terminal) => {
    const context = readAccountContext(env);
    const { provider, account: id } = idOf(args);
    const by = actor(env);
    return withDatabase(context.urls.control, async (control) => {
      const unusable = new Map<string, string>();
      const rows = await providerAccounts.list(control.knex);
      const account = directoryOf(context, rows, (found) => unusable.set(found.account, found.reason)).find(provider, id);
      if (account === null) throw new CommandError(`unknown account ${provider}/${id}; npm run ops -- accounts list shows them`);
      if (account === 'unreadable') {
        const reason = unusable.get(accountKey({ provider, id }));
        throw new CommandError(`no process with this environment can use ${provider}/${id}: ${reason ?? 'its secrets cannot be opened'}`);
      }
      const proof = await proveAccount({
        account,
        control,
        clock,
        providers: context.providers,
        redisUrl: context.redisUrl,
        address: webhookUrlOf(context, account),
        limitMs,
        waitMs: webhookWaitMs,
        confirm: () => (args.flag('yes') ? Promise.resolve(true) : confirmed(terminal, accountKey(account))),
        onStep: () => {},
      });
      const details = { proven: proof.cause === null, cause: proof.cause };
      await auditLog.record(control.knex, { actor: by, action: 'prove-account', subject: accountKey(account), details, at: clock.now() });
      return resultOf(accountKey(account), proof);
    });
  },
};

async function confirmed(terminal: Terminal, account: string): Promise<boolean> {
  const prompt = createInterface({ input: terminal.in, output: terminal.err });
  try {
    const question = `A charge of Rp 1,000 is made at ${account} in live mode, and cancelled at once. No money moves unless its QR is paid. Type yes: `;
    const ended = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
    return (await Promise.race([prompt.question(question), ended])).trim().toLowerCase() === 'yes';
  } finally {
    prompt.close();
  }
}

function resultOf(account: string, { cause, steps }: Proof) {
  const json = { account, proven: cause === null, cause, advice: cause && causes[cause], steps };
  const text = [...steps.map(lineOf), '', cause === null ? `${account} works.` : `${account} does not work: ${cause}.`].join('\n');
  return { json, text, errors: cause === null ? [] : [`${cause}: ${causes[cause]}`] };
}

const lineOf = ({ step, verdict, detail, advice }: ProofStep): string =>
  `${marks[verdict]} ${step.padEnd(12)}${detail}${advice ? `\n  ${''.padEnd(12)}${advice}` : ''}`;
