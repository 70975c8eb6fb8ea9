import { Writable } from 'node:stream';
import { type Command, runProgram } from '../src/program.ts';

export interface Typed {
  code: number;
  out: string;
  err: string;
}

/** What a program says to what was typed; no terminal, so no colours. */
export async function typed(commands: readonly Command[], line: readonly string[], env: NodeJS.ProcessEnv): Promise<Typed> {
  const out = written();
  const err = written();
  const code = await runProgram('npm run it --', commands, line, { env, out: out.stream, err: err.stream });
  return { code, out: out.text(), err: err.text() };
}

/** The answer for machines. @throws when the exit code is not 0 */
export async function answered<Json>(commands: readonly Command[], line: readonly string[], env: NodeJS.ProcessEnv): Promise<Json> {
  const { code, out, err } = await typed(commands, [...line, '--json'], env);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as Json;
}

/** A stream that keeps what is written to it. */
export function written({ isTTY = false } = {}) {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => chunks.join('') };
}
