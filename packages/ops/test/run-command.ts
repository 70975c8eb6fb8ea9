import { Writable } from 'node:stream';
import { type Command, runCli } from '../src/cli.ts';

export interface CommandOutput {
  code: number;
  out: string;
  err: string;
}

/** What a program says to what was typed; no terminal, so no colours. */
export async function runCommand(commands: readonly Command[], argv: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandOutput> {
  const out = outputStream();
  const err = outputStream();
  const code = await runCli('npm run it --', commands, argv, { env, out: out.stream, err: err.stream });
  return { code, out: out.text(), err: err.text() };
}

/** The answer for machines. @throws when the exit code is not 0 */
export async function runForJson<Json>(commands: readonly Command[], argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Json> {
  const { code, out, err } = await runCommand(commands, [...argv, '--json'], env);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as Json;
}

/** A stream that keeps what is written to it. */
export function outputStream({ isTTY = false } = {}) {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => chunks.join('') };
}
