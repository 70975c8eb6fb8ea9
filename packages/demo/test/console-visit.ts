import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { demoKeys } from '@gateway/shared/runtime';
import { eventually } from '@gateway/testing/eventually';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { Page } from 'playwright-core';
import type { Visitor } from './browser.ts';

/** Signs in with the keyboard alone. */
export async function signIn(visitor: Visitor, { operator }: { operator: { user: string; password: string } }): Promise<Page> {
  const page = await visitor.open('/operator');
  await page.locator('input[name="username"]').fill(operator.user);
  await page.locator('input[name="password"]').fill(operator.password);
  await page.keyboard.press('Enter');
  await page.locator('form[action="/operator/log-out"]').waitFor();
  return page;
}

/** Every page of the console. */
export const consolePages = (payment: string): string[] => [
  ...['', '/payments', '/refunds', '/discrepancies', '/parked', '/stores', '/accounts', '/keys', '/webhooks', '/actions'].map(
    (each) => `/operator${each}`,
  ),
  `/operator/payments/${payment}`,
  `/operator/payments/${payment}/calls`,
  '/operator/payments?waited=1&issuer=gopay&amount=25000',
  '/operator/actions?about=DPS',
  '/operator/actions/discrepancies-close?id=pos-1',
  '/operator/actions/accounts-add',
  '/operator/actions/accounts-list',
  '/operator/actions/webhooks-replay?account=midtrans/default',
  `/operator/actions/route?payment=${payment}`,
];

const personal = ['CANARY-guest', 'CANARY-note', 'CANARY-dish'];

/** Texts that no page may contain: those of `aPaidOrderWithCanaries` about a guest, and the secrets of the stack. */
export function canaries({ dataDir }: TestStack): string[] {
  const secrets = JSON.parse(readFileSync(path.join(dataDir, 'secrets.json'), 'utf8')) as Record<string, string>;
  return [...personal, ...Object.values(secrets).filter((secret) => typeof secret === 'string' && secret.length > 8)];
}

/** A payment that is paid and released to the kitchen, of an order that names a guest wherever a till can. @returns its id */
export async function aPaidOrderWithCanaries(stack: TestStack): Promise<string> {
  const till = stack.till(demoKeys.till);
  const line = { sku: 'MKN-001', name: 'CANARY-dish', quantity: 1, unit_price: 25_000, total: 25_000, note: 'CANARY-note' };
  const order = {
    number: `C-${randomUUID().slice(0, 4)}`,
    table: '7',
    type: 'dine_in',
    note: 'CANARY-note',
    lines: [line],
    charges: [],
    total: 25_000,
    metadata: { customer: 'CANARY-guest' },
  };
  const created = await till.create(randomUUID(), {}, { store_id: 'DPS-01', order });
  const { payment_id: id, transaction_id: reference } = created.body;
  await stack.simulator.pay(reference);
  await eventually(async () => {
    const { body } = await till.request<{ timeline: { key: string }[] }>('GET', `/transaction/payments/${id}/timeline`);
    return body.timeline.some(({ key }) => key === 'order.paid');
  });
  return id;
}
