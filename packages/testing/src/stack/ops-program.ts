import { spawn } from 'node:child_process';
import path from 'node:path';
import { checkoutDir, compileCache } from '../checkout.ts';

export interface ProgramOutput {
  code: number | null;
  out: string;
  err: string;
}

interface ProgramOptions {
  /** Piped into it; an object as JSON. */
  input?: unknown;
  /** Further variables. */
  environment?: NodeJS.ProcessEnv;
}

/** Runs `npm run ops` or `npm run keys` as a process of its own, beside the stack of this data folder. */
export function runProgram(
  program: 'ops' | 'keys',
  args: readonly string[],
  dataDir: string,
  { input = '', environment = {} }: ProgramOptions = {},
): Promise<ProgramOutput> {
  const child = spawn(process.execPath, ['--conditions=source', path.join(checkoutDir, `packages/ops/src/${program}.ts`), ...args], {
    env: { ...compileCache, PATH: process.env.PATH, DATA_DIR: dataDir, OPERATOR_NAME: 'budi', ...environment },
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
