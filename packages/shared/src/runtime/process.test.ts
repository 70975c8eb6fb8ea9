import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const program = path.resolve(import.meta.dirname, '../../test/inspected-process.ts');

describe('a process of ours', () => {
  it('does not open the inspector of Node on SIGUSR1, and on Linux leaves its memory out of core files', async () => {
    const child = fork(program, { execArgv: ['--conditions=source'], stdio: 'ignore' });
    try {
      expect((await once(child, 'message'))[0]).toEqual({ ready: true });
      if (process.platform === 'linux') expect(Number.parseInt(readFileSync(`/proc/${child.pid}/coredump_filter`, 'utf8'), 16)).toBe(0);
      child.kill('SIGUSR1');
      child.send({});
      expect((await once(child, 'message'))[0]).toEqual({ inspector: null });
    } finally {
      child.kill('SIGKILL');
    }
  });
});
