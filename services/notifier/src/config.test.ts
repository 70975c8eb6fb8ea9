import { EnvironmentError } from '@gateway/shared/runtime';
import { readConfig } from './config.ts';

const redis = { REDIS_URL: 'redis://127.0.0.1' };
const pos = 'postgres://127.0.0.1/pos';
const erp = 'postgres://127.0.0.1/erp';
const control = 'postgres://127.0.0.1/control';

describe('the databases of a notifier', () => {
  it.each([
    ['one host, beside the orders of tills', { POS_DATABASE_URL: pos }, [{ url: pos, names: ['POS_DATABASE_URL', 'TILL_DATABASE_URL'] }]],
    [
      'a host of its own kind',
      { POS_DATABASE_URL: pos, KIOSK_DATABASE_URL: erp, CONTROL_DATABASE_URL: pos },
      [
        { url: pos, names: ['POS_DATABASE_URL', 'TILL_DATABASE_URL'] },
        { url: erp, names: ['KIOSK_DATABASE_URL'] },
      ],
    ],
    [
      'two hosts that share one',
      { POS_DATABASE_URL: pos, ERP_DATABASE_URL: pos },
      [{ url: pos, names: ['POS_DATABASE_URL', 'ERP_DATABASE_URL', 'TILL_DATABASE_URL'] }],
    ],
    [
      'a control database of its own, which has the orders of tills',
      { POS_DATABASE_URL: pos, CONTROL_DATABASE_URL: control },
      [
        { url: pos, names: ['POS_DATABASE_URL'] },
        { url: control, names: ['TILL_DATABASE_URL'] },
      ],
    ],
    [
      'a control database that has no orders, and so no relay',
      { POS_DATABASE_URL: pos, CONTROL_DATABASE_URL: control, TILL_DATABASE_URL: pos },
      [
        { url: pos, names: ['POS_DATABASE_URL', 'TILL_DATABASE_URL'] },
        { url: control, names: [] },
      ],
    ],
  ])('are listed once each: %s', (_what, variables, databases) => {
    expect(readConfig({ ...redis, ...variables }).databases).toEqual(databases);
  });

  it('need a name for control data when there is more than one, because each process would choose for itself', () => {
    expect(() => readConfig({ ...redis, POS_DATABASE_URL: pos, ERP_DATABASE_URL: erp })).toThrow(
      'CONTROL_DATABASE_URL: is missing, and POS_DATABASE_URL, ERP_DATABASE_URL name more than one database',
    );
  });

  it('are required', () => {
    expect(() => readConfig(redis)).toThrow(EnvironmentError);
  });
});
