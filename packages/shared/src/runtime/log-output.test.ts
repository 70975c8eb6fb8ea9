import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';

const module = path.join(import.meta.dirname, 'log-output.ts');
/** A process that writes a thousand long lines and exits as our services do. */
const writerScript = `
  const { logOutput } = await import(${JSON.stringify(module)});
  const output = logOutput();
  for (let n = 0; n < 1000; n++) output.write(n + ' ' + 'x'.repeat(990) + '\\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  output.write('last\\n');
  output.flush();
  process.exit(0);`;

describe('the output of log lines', () => {
  it('keeps the order of the lines, and writes the last one', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', writerScript], { maxBuffer: 1e7 });
    const numbers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(numbers).toEqual([...Array.from({ length: 1_000 }, (_, n) => String(n)), 'last']);
  });

  it('does not keep a process from exiting when its reader is gone', async () => {
    const child = spawn(process.execPath, ['--eval', writerScript], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('does not keep a process from exiting when the disk is full', async () => {
    const child = spawn('/bin/sh', ['-c', 'exec "$0" --eval "$1" > /dev/full', process.execPath, writerScript], { stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
