import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const program = path.resolve(import.meta.dirname, '../../test/inspected-process.ts');

describe('a process of ours', () => {
  it('does not open the inspector of Node on SIGUSR1', async () => {
    const child = fork(program, { execArgv: ['--conditions=source'], stdio: 'ignore' });
    try {
      expect((await once(child, 'message'))[0]).toEqual({ ready: true });
      child.kill('SIGUSR1');
      child.send({});
      expect((await once(child, 'message'))[0]).toEqual({ inspector: null });
    } finally {
      child.kill('SIGKILL');
    }
  });
});
