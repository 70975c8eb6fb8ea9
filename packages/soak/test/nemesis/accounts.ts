import { opsCommands } from '@gateway/ops/commands';
import { runCommand } from '@gateway/ops/test/run-command';
import type { Installation } from './installation.ts';

const accountIds = Array.from({ length: 15 }, (_, n) => `shop-${n + 1}`);
const midtransKey = (id: string) => `SB-Mid-server-${id}`;
const xenditKey = (id: string) => `xnd_development_${id}`;

/** The value of PROVIDER_ACCOUNTS. With one account of each provider, its budget of calls would keep the paid QRs of a run waiting for minutes. */
export const providerAccounts: string = JSON.stringify({
  midtrans: Object.fromEntries(accountIds.map((id) => [id, { secretKey: midtransKey(id) }])),
  xendit: Object.fromEntries(accountIds.map((id) => [id, { secretKey: xenditKey(id), webhookSecrets: [`${xenditKey(id)}-token`] }])),
});

/** Opens the accounts at the providers, and has each store use one of them. */
export async function openAccounts({ stack, proxies }: Installation, storeIds: readonly string[]): Promise<void> {
  const webhooks = `http://127.0.0.1:${proxies['the providers and the api'][0]?.port}/webhooks`;
  for (const id of accountIds) {
    await stack.simulator.openAccount('midtrans', id, midtransKey(id), { notification_url: `${webhooks}/midtrans/${id}` });
    await stack.simulator.openAccount('xendit', id, xenditKey(id), { notification_url: `${webhooks}/xendit/${id}` });
  }
  for (const [n, storeId] of storeIds.entries()) {
    const id = accountIds[n % accountIds.length];
    const { code, err } = await runCommand(opsCommands, ['stores', 'set', storeId, '--accounts', `midtrans=${id},xendit=${id}`], {
      DATA_DIR: stack.dataDir,
    });
    if (code !== 0) throw new Error(err);
  }
}
