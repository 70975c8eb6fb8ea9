import path from 'node:path';
import { grantReference, loadReference } from '@gateway/host-kit';
import { markAsCreatedHere } from '@gateway/local-stack/marker';
import { readHostFolder } from '@gateway/shared/host';
import { createLogger } from '@gateway/shared/runtime';
import { migrate, serveRole } from '@gateway/shared/store';
import { Client } from 'pg';
import { hostsDir } from '../checkout.ts';

/**
 * Prepares the database that every test database is a copy of: the gateway's schema beside both reference hosts and their demo
 * orders. Runs once in a test run, on an empty database at `url`.
 */
export async function prepareTemplate(url: string): Promise<void> {
  const serveUrl = new URL(url);
  serveUrl.username = serveRole;
  await migrate(url, { serveUrl: serveUrl.href, isTillDatabase: true });
  await hashAgain(url, serveUrl.password);
  await loadHosts(url);
}

/** With the few iterations of a server for tests: the product's migration does not ask the server, and takes 4096. */
async function hashAgain(url: string, password: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query(`alter role ${serveRole} password ${client.escapeLiteral(decodeURIComponent(password))}`);
  await client.end();
}

/** The tables and demo orders of both reference hosts, in a database that is migrated. */
export async function loadHosts(url: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await markAsCreatedHere(client); // a stack of a test loads its demo keys
  for (const id of ['pos', 'erp']) {
    const folder = readHostFolder(path.join(hostsDir, id));
    if ('errors' in folder) throw new Error(`hosts/${id} cannot be read: ${JSON.stringify(folder.errors)}`);
    await loadReference(client, folder, { demo: true });
    await grantReference(folder, url, serveRole, { now: new Date(), log: createLogger('test', 'silent') });
  }
  await client.end();
}
