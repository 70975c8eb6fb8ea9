import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { otherYaml, shippedHosts, useHosts } from '../../test/hosts-fixture.ts';
import { formatProblem } from './host-problem.ts';

const hosts = useHosts();

describe('reloading the folders', () => {
  it('installs all of them: changed, new and removed', async () => {
    const all = await hosts.start();
    hosts.write('pos/host.yaml', otherYaml);
    cpSync(path.join(hosts.directory(), 'erp'), path.join(hosts.directory(), 'erp2'), { recursive: true });
    hosts.write('erp2/host.yaml', otherYaml.replace('id: pos', 'id: erp2').replace('POS_', 'ERP_'));
    for (const file of ['order', 'items', 'charges', 'created', 'paid', 'expired', 'failed', 'cancelled'])
      cpSync(path.join(hosts.directory(), 'erp', `${file}.sql`), path.join(hosts.directory(), 'erp2', `${file}.sql`));
    rmSync(path.join(hosts.directory(), 'erp'), { recursive: true });
    expect(await all.reload(hosts.directory())).toEqual([]);
    expect(hosts.readyIds()).toEqual(['erp2', 'pos']);
    expect(all.byId('pos').folder).toMatchObject({ timezone: 'Asia/Makassar', money: { rounding: 'up' } });
    expect(hosts.connected()).toEqual([hosts.url()]);
  });

  it.each([
    ['cannot be read', () => hosts.write('erp/paid.sql', 'select $1')],
    ['does not fit its database', () => hosts.write('erp/paid.sql', 'select nothing from nowhere')],
  ])('keeps the host of a folder that %s as it was, and installs the others', async (_, breakFolder) => {
    const all = await hosts.start();
    const before = all.byId('erp');
    hosts.write('pos/host.yaml', otherYaml);
    breakFolder();
    expect(await all.reload(hosts.directory())).toEqual([expect.objectContaining({ file: 'erp/paid.sql' })]);
    expect(all.byId('erp')).toBe(before);
    expect(all.byId('pos').folder).toMatchObject({ timezone: 'Asia/Makassar' });
    expect(hosts.readyIds()).toEqual(['erp', 'pos']);
  });

  it('migrates and serves a database whose URL is in a file beside host.yaml, and one bad file holds back no other host', async () => {
    const migrated: string[] = [];
    const all = await hosts.start({}, { migrate: async (url) => migrated.push(url) });
    const url = `${hosts.url()}?application_name=file`;
    for (const id of ['pos2', 'pos3']) {
      cpSync(path.join(shippedHosts, 'pos'), path.join(hosts.directory(), id), { recursive: true });
      hosts.write(
        `${id}/host.yaml`,
        otherYaml.replace('id: pos', `id: ${id}`).replace('database: POS_DATABASE_URL', 'database_url_file: database.url'),
      );
    }
    hosts.write('pos2/database.url', `${url}\n`);
    hosts.write('pos3/database.url', 'host=secret-host\n');
    const problems = await all.reload(hosts.directory());
    expect(problems.map(formatProblem)).toEqual(['pos3/database.url: must hold one URL that starts with postgres://']);
    expect(hosts.readyIds()).toEqual(['erp', 'pos', 'pos2']);
    expect(all.byId('pos2').database).toBe('pos2/database.url');
    expect(migrated).toEqual([url]);
    await all.reload(hosts.directory());
    expect(migrated).toEqual([url]); // a database that is served already is not migrated again
  });
});
