import { type ParseArgsOptionsConfig, parseArgs, stripVTControlCharacters, styleText } from 'node:util';
import { CommandError, UsageError } from '@gateway/operations';
import { sqlState } from '@gateway/shared/postgres';
import { EnvironmentError, keepSecretsOutOfDumps } from '@gateway/shared/runtime';
import { CommandArgs } from './command-args.ts';
import { terminalUsageError } from './terminal-error.ts';

/** The result of a command, as JSON and as text. */
export interface CommandResult {
  /** Printed as JSON with `--json`. */
  json: unknown;
  /** May contain colours; they are removed when the output is not a terminal. */
  text: string;
  /** Remarks for the operator, printed to standard error. The exit code stays 0. */
  notes?: readonly string[];
  /** Errors beside the result, printed to standard error. The exit code is 1. */
  errors?: readonly string[];
}

export interface Command {
  /** The words of the command: `discrepancies close`. Empty when the program has one command. */
  words: string;
  /** The arguments: `<id> --reason <why>`. */
  usage: string;
  description: string;
  /** The largest number of positional arguments. */
  positionals: 0 | 1;
  options: ParseArgsOptionsConfig;
  /** @param terminal for a command that reads its input, or prints while it runs */
  run(args: CommandArgs, env: NodeJS.ProcessEnv, terminal: Terminal): Promise<CommandResult>;
}

/** The environment, the input and the output streams of a program. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  in: NodeJS.ReadableStream;
  out: NodeJS.WritableStream;
  err: NodeJS.WritableStream;
}

const common = {
  json: { type: 'boolean' },
  as: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

/** Runs the command that `argv` names. Never throws: an error is printed. @returns the exit code, 0 or 1 */
export async function runCli(name: string, commands: readonly Command[], argv: readonly string[], terminal: Terminal): Promise<number> {
  const { env, out, err } = terminal;
  let selected = commands;
  try {
    const command = find(commands, argv);
    if (command) selected = [command];
    if (!command) throw terminalUsageError(argv[0] ? `unknown command ${JSON.stringify(argv.slice(0, 2).join(' '))}` : 'command missing');
    const args = parse(command, argv);
    if (args.flag('help')) {
      out.write(usageOf(name, selected));
      return 0;
    }
    const { json, text, notes = [], errors = [] } = await command.run(args, { ...env, ...operatorNamed(command, args) }, terminal);
    out.write(args.flag('json') ? `${JSON.stringify(json, null, 2)}\n` : `${forTerminal(out, text)}\n`);
    for (const message of notes) err.write(`${styleText('yellow', 'note:', { stream: err })} ${message}\n`);
    for (const message of errors) printError(err, message);
    return errors.length > 0 ? 1 : 0;
  } catch (error) {
    const isHelp = error instanceof UsageError && /^(-h|--help)$/.test(argv[0] ?? '');
    if (isHelp) out.write(usageOf(name, selected));
    else printError(err, messageOf(error));
    if (error instanceof UsageError && !isHelp) err.write(`\n${usageOf(name, selected)}`);
    return isHelp ? 0 : 1;
  }
}

/** Runs a program with the arguments of the process and sets its exit code. */
export async function main(name: string, commands: readonly Command[]): Promise<void> {
  keepSecretsOutOfDumps(); // of the accounts that a command opens
  const { env, stdin, stdout: out, stderr: err, argv } = process;
  process.exitCode = await runCli(`npm run ${name} --`, commands, argv.slice(2), { env, in: stdin, out, err });
}

/** Who acts, by `--as`, unless the command has an option `--as` of its own. */
const operatorNamed = ({ options }: Command, args: CommandArgs): NodeJS.ProcessEnv => {
  const name = 'as' in options ? null : args.optionalOption('as');
  return name === null ? {} : { OPERATOR_NAME: name };
};

const wordsOf = ({ words }: Command): string[] => words.split(' ').filter(Boolean);

function find(commands: readonly Command[], argv: readonly string[]): Command | undefined {
  return commands.find((command) => wordsOf(command).every((word, index) => argv[index] === word));
}

function parse(command: Command, argv: readonly string[]): CommandArgs {
  const args = argv.slice(wordsOf(command).length);
  const { values, positionals } = parseOrThrow(args, { ...command.options, ...common });
  const unexpected = positionals[command.positionals];
  if (unexpected !== undefined) throw terminalUsageError(`unexpected argument ${JSON.stringify(unexpected)}`);
  return new CommandArgs(positionals, values);
}

function parseOrThrow(args: string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    const [message = 'invalid arguments'] = (error as Error).message.split('. '); // the rest is advice for programmers
    throw terminalUsageError(message);
  }
}

function usageOf(name: string, commands: readonly Command[]): string {
  const lines = commands.map(
    ({ words, usage, description }) => `  ${[name, words, usage].filter(Boolean).join(' ')}\n      ${description}\n`,
  );
  return `${lines.join('')}  --json prints the result as JSON; --as <name> says who acts, for the audit log (or OPERATOR_NAME)\n`;
}

/** Removes colours unless `out` is a terminal that shows them; `styleText` also respects NO_COLOR. */
function forTerminal(out: NodeJS.WritableStream, text: string): string {
  return styleText('red', ' ', { stream: out }) === ' ' ? stripVTControlCharacters(text) : text;
}

function printError(to: NodeJS.WritableStream, message: string): void {
  to.write(`${styleText('red', 'error:', { stream: to })} ${message}\n`);
}

/** An expected error, also of an unavailable server, is one line. Any other error is a bug of ours, so its stack is printed. */
function messageOf(error: unknown): string {
  const { message, stack, code } = error as Error & { code?: unknown };
  if (error instanceof CommandError || error instanceof EnvironmentError) return message;
  if (code === sqlState.undefinedTable) return `${message}: npm run migrate brings the database up to date`;
  return typeof code === 'string' ? `${message || 'no answer'} (${code})` : (stack ?? message);
}
