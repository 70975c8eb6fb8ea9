import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const module = path.join(import.meta.dirname, 'log-output.ts');
/** A process that writes a thousand long lines, one more when its standard input ends, and exits as our services do. */
const writerScript = `
  const { logOutput } = await import(${JSON.stringify(module)});
  const output = logOutput();
  for (let n = 0; n < 1000; n++) output.write(n + ' ' + 'x'.repeat(990) + '\\n');
  await new Promise((ended) => process.stdin.once('end', ended).resume());
  output.write('last\\n');
  output.flush();
  process.exit(0);`;

describe('the output of log lines', () => {
  it('keeps the order of the lines, and writes the last one', async () => {
    const child = spawn(process.execPath, ['--eval', writerScript], { stdio: ['pipe', 'pipe', 'inherit'] });
    const numbers: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      numbers.push(line.split(' ')[0] ?? '');
      if (numbers.length === 900) child.stdin.end(); // the rest is being written, or still in the buffer
    }
    expect(numbers).toEqual([...Array.from({ length: 1_000 }, (_, n) => String(n)), 'last']);
  });

  it('does not keep a process from exiting when its reader is gone', async () => {
    const child = spawn(process.execPath, ['--eval', writerScript], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdout.destroy();
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('does not keep a process from exiting when the disk is full', async () => {
    const child = spawn('/bin/sh', ['-c', 'exec "$0" --eval "$1" > /dev/full', process.execPath, writerScript], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
