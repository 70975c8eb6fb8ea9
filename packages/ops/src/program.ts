import { type ParseArgsOptionsConfig, parseArgs, stripVTControlCharacters, styleText } from 'node:util';
import { EnvironmentError } from '@gateway/shared/runtime';
import { CannotDo, WrongUsage } from './cannot-do.ts';
import { Given } from './given.ts';

/** What a command has to say: to machines, and to people. */
export interface Answer {
  /** Printed as JSON with `--json`. */
  json: unknown;
  /** May be coloured: the colours are seen on a terminal only. */
  text: string;
  /** What the person should know all the same: said on standard error. */
  notes?: readonly string[];
  /** What went wrong beside it, in sentences: said on standard error, and the exit code is 1. */
  trouble?: readonly string[];
}

export interface Command {
  /** The words that call it: `discrepancies close`. None: the program has one command. */
  words: string;
  /** What follows them: `<id> --reason <why>`. */
  takes: string;
  does: string;
  /** How many words may follow its own. */
  positionals: 0 | 1;
  options: ParseArgsOptionsConfig;
  run(given: Given, env: NodeJS.ProcessEnv): Promise<Answer>;
}

/** Where a program writes, and what it knows of the world. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  out: NodeJS.WritableStream;
  err: NodeJS.WritableStream;
}

const common = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const satisfies ParseArgsOptionsConfig;

/** One program of several commands. @returns its exit code: 0, or 1 with a sentence that says why */
export async function runProgram(name: string, commands: readonly Command[], argv: readonly string[], terminal: Terminal): Promise<number> {
  const { env, out, err } = terminal;
  let meant = commands;
  try {
    const command = find(commands, argv);
    if (command) meant = [command];
    if (!command) throw new WrongUsage(argv[0] ? `there is no command ${JSON.stringify(argv.slice(0, 2).join(' '))}` : 'which command?');
    const given = parse(command, argv);
    if (given.flag('help')) {
      out.write(usageOf(name, meant));
      return 0;
    }
    const { json, text, notes = [], trouble = [] } = await command.run(given, env);
    out.write(given.flag('json') ? `${JSON.stringify(json, null, 2)}\n` : `${asShownOn(out, text)}\n`);
    for (const sentence of notes) err.write(`${styleText('yellow', 'note:', { stream: err })} ${sentence}\n`);
    for (const sentence of trouble) complain(err, sentence);
    return trouble.length > 0 ? 1 : 0;
  } catch (error) {
    const isHelp = error instanceof WrongUsage && /^(-h|--help)$/.test(argv[0] ?? '');
    if (isHelp) out.write(usageOf(name, meant));
    else complain(err, sentenceOf(error));
    if (error instanceof WrongUsage && !isHelp) err.write(`\n${usageOf(name, meant)}`);
    return isHelp ? 0 : 1;
  }
}

/** A program's last line. */
export async function main(name: string, commands: readonly Command[]): Promise<void> {
  const { env, stdout: out, stderr: err, argv } = process;
  process.exitCode = await runProgram(`npm run ${name} --`, commands, argv.slice(2), { env, out, err });
}

const wordsOf = ({ words }: Command): string[] => words.split(' ').filter(Boolean);

function find(commands: readonly Command[], argv: readonly string[]): Command | undefined {
  return commands.find((command) => wordsOf(command).every((word, index) => argv[index] === word));
}

function parse(command: Command, argv: readonly string[]): Given {
  const args = argv.slice(wordsOf(command).length);
  const { values, positionals } = parseOrSay(args, { ...command.options, ...common });
  const tooMuch = positionals[command.positionals];
  if (tooMuch !== undefined) throw new WrongUsage(`${JSON.stringify(tooMuch)} is one word too many`);
  return new Given(positionals, values);
}

function parseOrSay(args: string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    const [sentence = 'this cannot be read'] = (error as Error).message.split('. '); // what follows is advice to programmers
    throw new WrongUsage(sentence);
  }
}

function usageOf(name: string, commands: readonly Command[]): string {
  const lines = commands.map(({ words, takes, does }) => `  ${[name, words, takes].filter(Boolean).join(' ')}\n      ${does}\n`);
  return `${lines.join('')}  --json prints the answer for machines\n`;
}

/** `styleText` knows what is a terminal, and who asked for no colours. */
function asShownOn(out: NodeJS.WritableStream, text: string): string {
  return styleText('red', ' ', { stream: out }) === ' ' ? stripVTControlCharacters(text) : text;
}

function complain(to: NodeJS.WritableStream, sentence: string): void {
  to.write(`${styleText('red', 'error:', { stream: to })} ${sentence}\n`); // red on a terminal only
}

/** What we expect to go wrong is a sentence, and a server that is away is expected. Anything else is a bug of ours: its stack is the way to it. */
function sentenceOf(error: unknown): string {
  const { message, stack, code } = error as Error & { code?: unknown };
  if (error instanceof CannotDo || error instanceof EnvironmentError) return message;
  if (code === '42P01') return `${message}: npm run migrate brings the database up to date`;
  return typeof code === 'string' ? `${message || 'no answer'} (${code})` : (stack ?? message);
}
