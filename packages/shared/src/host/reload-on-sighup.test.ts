import { eventually } from '@gateway/testing/eventually';
import { logLines } from '../../test/provider/log-lines.ts';
import { reloadOnSighup } from './reload-on-sighup.ts';

describe('SIGHUP', () => {
  it('reloads the folders, one signal after the other, and logs the result', async () => {
    const logged = logLines();
    const reloadedFrom: string[] = [];
    const results = [[], [{ file: 'erp/paid.sql', line: 1, column: null, message: 'is invalid' }], null];
    const before = process.listeners('SIGHUP');
    reloadOnSighup(
      {
        reload: async (from) => {
          reloadedFrom.push(from);
          const result = results.shift();
          if (!result) throw new Error('no such folder');
          return result;
        },
      },
      '/etc/hosts.d',
      logged.log,
    );
    for (let n = 0; n < 3; n++) process.emit('SIGHUP');
    await eventually(() => logged.lines.length === 4);
    expect(reloadedFrom).toEqual(['/etc/hosts.d', '/etc/hosts.d', '/etc/hosts.d']);
    expect(logged.lines.map(({ msg }) => msg)).toEqual([
      'host folders reloaded',
      'host folder invalid, its host stays as it was',
      'host folders reloaded',
      'host folders not reloaded: not readable; the previous ones stay in use',
    ]);
    for (const listener of process.listeners('SIGHUP').filter((each) => !before.includes(each))) process.off('SIGHUP', listener);
  });
});
