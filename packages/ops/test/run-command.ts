import { Readable, Writable } from 'node:stream';
import { type Command, runCli } from '../src/cli.ts';

/** The exit code and the outputs of a command. */
export interface CommandOutput {
  code: number;
  out: string;
  err: string;
}

/** Runs a command as if `argv` was typed, without a terminal and so without colours. @param input what is piped into it */
export async function runCommand(
  commands: readonly Command[],
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
): Promise<CommandOutput> {
  const out = outputStream();
  const err = outputStream();
  const code = await runCli('npm run it --', commands, argv, {
    env: { OPERATOR_NAME: 'budi', ...env },
    in: Readable.from([input]),
    out: out.stream,
    err: err.stream,
  });
  return { code, out: out.text(), err: err.text() };
}

/** The JSON result of a command. @throws when the exit code is not 0 */
export async function runForJson<Json>(
  commands: readonly Command[],
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
): Promise<Json> {
  const { code, out, err } = await runCommand(commands, [...argv, '--json'], env, input);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as Json;
}

/** A stream that collects its output. */
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
