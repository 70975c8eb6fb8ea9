import { spawn } from 'node:child_process';
import path from 'node:path';
import { checkoutDir } from '../checkout.ts';

export interface ProgramOutput {
  code: number | null;
  out: string;
  err: string;
}

/** Runs `npm run ops` or `npm run keys` as a process of its own, beside the stack of this data folder. @param input is piped into it */
export function runProgram(program: 'ops' | 'keys', args: readonly string[], dataDir: string, input: unknown = ''): Promise<ProgramOutput> {
  const child = spawn(process.execPath, ['--conditions=source', path.join(checkoutDir, `packages/ops/src/${program}.ts`), ...args], {
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, OPERATOR_NAME: 'budi' },
    cwd: checkoutDir,
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  child.stdin.end(typeof input === 'string' ? input : JSON.stringify(input));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}
