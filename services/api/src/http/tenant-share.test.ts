import type { Host } from '@gateway/shared/host';
import type { clients } from '@gateway/shared/store';
import { createTenantShare } from './tenant-share.ts';

const pool = { options: { max: 20 } };
const share = createTenantShare({ of: () => ({ db: { pool } }) as unknown as Host });
const client = (tenant: string) => ({ host: 'pos', tenant }) as clients.Client;

it('the slow requests of one tenant take two fifths of the connections, are refused at once beyond a limit, and hold up no neighbour', async () => {
  let running = 0;
  const { promise: end, resolve: finish } = Promise.withResolvers<void>();
  const slow = () => {
    running++;
    return end;
  };
  const requests = Array.from({ length: 208 }, () => share(client('slow'), slow));
  expect(running).toBe(8);
  await expect(share(client('slow'), slow)).rejects.toThrow('too many calls wait');
  expect(await share(client('neighbour'), async () => 'served')).toBe('served');
  finish();
  await Promise.all(requests);
  expect(running).toBe(208);
});
