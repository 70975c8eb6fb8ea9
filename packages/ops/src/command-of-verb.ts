import { type Field, type Input, runVerb, type Verb } from '@gateway/operations';
import { readTextFile } from '@gateway/shared/runtime';
import type { Command, Terminal } from './cli.ts';
import type { CommandArgs } from './command-args.ts';
import { commandContext } from './command-context.ts';
import { actor } from './context.ts';
import { terminalError } from './terminal-error.ts';

const maxInputLength = 10_000;

/** The command of a verb: its fields become arguments and options. */
export function commandOf(verb: Verb): Command {
  const fields = Object.entries(verb.fields);
  const options = fields.flatMap(([name, field]) => (field.positional === null ? [optionOf(name, field)] : []));
  const reason = verb.reason === 'none' ? [] : [['reason', { type: 'string' }] as const];
  return {
    words: verb.program === 'keys' ? verb.words.replace('keys ', '') : verb.words,
    usage: usageOf(verb),
    description: verb.description.en,
    positionals: fields.some(([, { positional }]) => positional !== null) ? 1 : 0,
    options: Object.fromEntries([...options, ...reason]),
    run: async (args, env, terminal) => {
      const person = { actor: verb.changes === null ? '' : actor(env), role: 'admin', surface: 'command line' } as const;
      const input = await inputOf(verb, args, terminal);
      const { json, text, notes = [], errors = [] } = await runVerb(verb, commandContext(env, terminal), input, person);
      return { json, text, notes: notes.map(({ en }) => en), errors: errors.map(({ en }) => en) };
    },
  };
}

function optionOf(name: string, { kind }: Field) {
  if (kind === 'secret') return [`${name}-file`, { type: 'string' }] as const;
  if (kind === 'list') return [name, { type: 'string', multiple: true }] as const;
  return [name, { type: kind === 'checkbox' ? 'boolean' : 'string' }] as const;
}

async function inputOf({ fields }: Verb, args: CommandArgs, terminal: Terminal): Promise<Input> {
  const input: Record<string, unknown> = { reason: args.optionalOption('reason') };
  for (const [name, { kind, positional }] of Object.entries(fields)) {
    if (positional !== null) input[name] = args.optionalPositional();
    else if (kind === 'secret') input[name] = await readSecret(args.optionalOption(`${name}-file`), `--${name}-file`, terminal);
    else if (kind === 'list') input[name] = args.list(name);
    else input[name] = kind === 'checkbox' ? args.flag(name) : args.optionalOption(name);
  }
  return input;
}

/** Reads a secret from a file or from standard input: every user of the machine can read the arguments of a process. @throws CommandError */
async function readSecret(file: string | null, option: string, { in: input }: Terminal): Promise<string> {
  if (file !== null) {
    try {
      return readTextFile(file);
    } catch (error) {
      throw terminalError(`${option}: ${(error as Error).message}`);
    }
  }
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > maxInputLength) throw terminalError(`standard input: more than ${maxInputLength} characters`);
  }
  return text || ' '; // nothing was piped in: the verb says what it expects
}

function usageOf({ fields, reason }: Verb): string {
  const parts = Object.entries(fields).map(([name, field]) => usageOfField(name, field));
  const why = { required: '--reason <why>', optional: '[--reason <why>]', none: '' }[reason];
  return [...parts, why].filter(Boolean).join(' ');
}

function usageOfField(name: string, { kind, positional, isRequired, placeholder, options }: Field): string {
  if (positional !== null) return isRequired ? `<${placeholder}>` : `[<${placeholder}>]`;
  if (kind === 'checkbox') return `[--${name}]`;
  if (kind === 'secret') return `[--${name}-file <file>]`;
  const value = options ? placeholder : `<${placeholder}>`;
  const usage = `--${name} ${value}${kind === 'list' ? ' …' : ''}`;
  return isRequired ? usage : `[${usage}]`;
}
