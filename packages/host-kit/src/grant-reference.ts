import { type HostFolder, onOwnConnection } from '@gateway/shared/host';
import type { Logger } from '@gateway/shared/runtime';
import { grantsOf } from './grants.ts';
import { proveGrants } from './prove-grants.ts';

/** An order of the demo for each reference host, so that the rights of its triggers are found. */
const demoOrders: Readonly<Record<string, string>> = {
  pos: `select o.id::text as order_id, t.merchant_id::text as tenant from pos.orders o join pos.outlets t on t.id = o.outlet_id where o.order_no = 'A-0002'`,
  erp: `select 'INV/SMG/2026/00101' as order_id, 'RSA' as tenant`,
};

/**
 * Gives a role the rights on a reference host that `hosts grants` prints, and no others, as the owner of the tables does in a shop. The
 * demo orders must be loaded. Does nothing when the role has rights there already.
 * @param url the owner of the tables
 */
export async function grantReference(
  folder: HostFolder,
  url: string,
  role: string,
  { now, log }: { now: Date; log: Logger },
): Promise<void> {
  const schema = folder.searchPath?.[0] ?? folder.flavour;
  const order = await onOwnConnection(url, async (client) => {
    const { rows } = await client.query('select has_schema_privilege($1, $2, $3) as granted', [role, schema, 'usage']);
    if (rows[0]?.granted) return null;
    const found = await client.query<{ order_id: string; tenant: string }>(demoOrders[folder.id] as string);
    return { orderId: found.rows[0]?.order_id ?? '', tenant: found.rows[0]?.tenant ?? '' };
  });
  if (!order) return;
  const { grants } = await proveGrants(folder, url, await grantsOf(folder, url, order), { ...order, now, log });
  await onOwnConnection(url, (client) => client.query(grants.map(({ right }) => `grant ${right} to ${role}`).join('; ')));
}
