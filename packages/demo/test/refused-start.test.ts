import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { compileCache } from '@gateway/testing/checkout';

const root = path.resolve(import.meta.dirname, '../../..');
const environment = {
  ...compileCache,
  POS_DATABASE_URL: 'postgres://127.0.0.1:1/pos',
  REDIS_URL: 'redis://127.0.0.1:1',
  PUBLIC_URL: 'http://127.0.0.1:3000',
  LINK_SIGNING_KEY: 'a signing key of tests, long enough',
  LOCAL_STACK: '1',
  SIMULATOR_URL: 'http://127.0.0.1:3010',
  MIDTRANS_MODE: 'test',
  XENDIT_MODE: 'test',
};

describe('a process with LOCAL_STACK=1', () => {
  it.each(['MIDTRANS_MODE', 'XENDIT_MODE'])('does not start when %s is live', (mode) => {
    const args = ['--conditions=source', 'packages/demo/src/main.ts'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env: { ...environment, [mode]: 'live' }, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, `invalid environment:\n  ${mode}: must not be live when LOCAL_STACK=1\n`]);
  });
});
