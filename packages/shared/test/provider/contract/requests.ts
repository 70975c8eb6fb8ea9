import { inspect } from 'node:util';
import { rupiah } from '@gateway/shared/payment';
import type { ChargeRequest, QrisProvider, RefundRequest } from '@gateway/shared/provider';
import { ProviderError } from '@gateway/shared/provider';
import { logLines } from '../log-lines.ts';
import { type ScriptedServer, startScriptedServer } from '../scripted-server.ts';
import type { Operation, ProviderHarness } from './harness.ts';

export const contractKey = { reference: 'pos-01kct5v8m0000000000000000-1', providerChargeId: 'id-6f9b1f2c-0c4a-4a51-9a0d-1f6a7a6f4d10' };

export const contractRequest: ChargeRequest = {
  reference: contractKey.reference,
  amount: rupiah(150_000),
  items: [{ name: 'Kopi susu', price: 75_000, quantity: 2 }],
  expiresAt: new Date('2026-03-02T03:15:00Z'),
  description: 'A-0042',
};

export const contractRefund: RefundRequest = {
  charge: contractKey,
  reference: 'pos-01kct5v8m0000000000000000-r1',
  amount: rupiah(50_000),
  reason: 'Barang kosong',
};

export const never = new AbortController().signal;

/** Runs an operation on the charge of the contract suite. */
export function request(provider: QrisProvider, operation: Operation, signal = never): Promise<unknown> {
  switch (operation) {
    case 'createCharge':
      return provider.createCharge(contractRequest, signal);
    case 'refundCharge':
      return provider.refundCharge(contractRefund, signal);
    case 'findRefund':
      return provider.findRefund({ ...contractRefund, providerRefundId: 'rfd-69e77490-d2cc-4bf3-8319-e064e121db93' }, signal);
    default:
      return provider[operation](contractKey, signal);
  }
}

export const outcomeOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

/** A scripted server, and a provider that calls it. */
export async function startScripted(harness: ProviderHarness): Promise<{
  server: ScriptedServer;
  provider: QrisProvider;
  written: ReturnType<typeof logLines>;
  close(): Promise<void>;
}> {
  const server = await startScriptedServer();
  const written = logLines();
  const provider = harness.create(harness.account(server.url), written.log);
  return {
    server,
    provider,
    written,
    close: async () => {
      await server.close();
      await provider.close();
    },
  };
}

/** No error, with everything attached to it, and no log line shows a secret or a text of the provider. */
export function expectNoCanary(error: unknown, logged: string): void {
  expect(logged).not.toContain('CANARY');
  if (error instanceof ProviderError) expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('CANARY');
}
