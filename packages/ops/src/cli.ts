import { type ParseArgsOptionsConfig, parseArgs, stripVTControlCharacters, styleText } from 'node:util';
import { EnvironmentError } from '@gateway/shared/runtime';
import { CommandArgs } from './command-args.ts';
import { CommandError, UsageError } from './command-error.ts';

/** What a command has to say: to machines, and to people. */
export interface CommandResult {
  /** Printed as JSON with `--json`. */
  json: unknown;
  /** May be coloured: the colours are seen on a terminal only. */
  text: string;
  /** What the person should know all the same: said on standard error. */
  notes?: readonly string[];
  /** What went wrong beside it, in sentences: said on standard error, and the exit code is 1. */
  errors?: readonly string[];
}

export interface Command {
  /** The words that call it: `discrepancies close`. None: the program has one command. */
  words: string;
  /** What follows them: `<id> --reason <why>`. */
  usage: string;
  description: string;
  /** How many words may follow its own. */
  positionals: 0 | 1;
  options: ParseArgsOptionsConfig;
  run(args: CommandArgs, env: NodeJS.ProcessEnv): Promise<CommandResult>;
}

/** Where a program writes, and what it knows of the world. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  out: NodeJS.WritableStream;
  err: NodeJS.WritableStream;
}

const common = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const satisfies ParseArgsOptionsConfig;

/** One program of several commands. @returns its exit code: 0, or 1 with a sentence that says why */
export async function runCli(name: string, commands: readonly Command[], argv: readonly string[], terminal: Terminal): Promise<number> {
  const { env, out, err } = terminal;
  let selected = commands;
  try {
    const command = find(commands, argv);
    if (command) selected = [command];
    if (!command) throw new UsageError(argv[0] ? `unknown command ${JSON.stringify(argv.slice(0, 2).join(' '))}` : 'command missing');
    const args = parse(command, argv);
    if (args.flag('help')) {
      out.write(usageOf(name, selected));
      return 0;
    }
    const { json, text, notes = [], errors = [] } = await command.run(args, env);
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

/** A program's last line. */
export async function main(name: string, commands: readonly Command[]): Promise<void> {
  const { env, stdout: out, stderr: err, argv } = process;
  process.exitCode = await runCli(`npm run ${name} --`, commands, argv.slice(2), { env, out, err });
}

const wordsOf = ({ words }: Command): string[] => words.split(' ').filter(Boolean);

function find(commands: readonly Command[], argv: readonly string[]): Command | undefined {
  return commands.find((command) => wordsOf(command).every((word, index) => argv[index] === word));
}

function parse(command: Command, argv: readonly string[]): CommandArgs {
  const args = argv.slice(wordsOf(command).length);
  const { values, positionals } = parseOrThrow(args, { ...command.options, ...common });
  const unexpected = positionals[command.positionals];
  if (unexpected !== undefined) throw new UsageError(`unexpected argument ${JSON.stringify(unexpected)}`);
  return new CommandArgs(positionals, values);
}

function parseOrThrow(args: string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    const [message = 'this cannot be read'] = (error as Error).message.split('. '); // what follows is advice to programmers
    throw new UsageError(message);
  }
}

function usageOf(name: string, commands: readonly Command[]): string {
  const lines = commands.map(
    ({ words, usage, description }) => `  ${[name, words, usage].filter(Boolean).join(' ')}\n      ${description}\n`,
  );
  return `${lines.join('')}  --json prints the answer for machines\n`;
}

/** `styleText` knows what is a terminal, and who asked for no colours. */
function forTerminal(out: NodeJS.WritableStream, text: string): string {
  return styleText('red', ' ', { stream: out }) === ' ' ? stripVTControlCharacters(text) : text;
}

function printError(to: NodeJS.WritableStream, message: string): void {
  to.write(`${styleText('red', 'error:', { stream: to })} ${message}\n`); // red on a terminal only
}

/** What we expect to go wrong is a sentence, and a server that is away is expected. Anything else is a bug of ours: its stack is the way to it. */
function messageOf(error: unknown): string {
  const { message, stack, code } = error as Error & { code?: unknown };
  if (error instanceof CommandError || error instanceof EnvironmentError) return message;
  if (code === '42P01') return `${message}: npm run migrate brings the database up to date`;
  return typeof code === 'string' ? `${message || 'no answer'} (${code})` : (stack ?? message);
}
