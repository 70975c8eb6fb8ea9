import { type OperatorRole, roleIncludes } from '@gateway/shared/runtime';
import { cleanText } from './clean-text.ts';
import { CommandError, UsageError } from './command-error.ts';
import { type Fields, readFields, type Values } from './field.ts';
import type { OperationsContext } from './operations-context.ts';
import { renderTable, type Table } from './table.ts';
import { roleWords } from './verb-roles.ts';
import type { Words } from './words.ts';

/** Who acts, when, and why: the content of an audit row. */
export interface ActedBy {
  /** `budi` on a page, `cli budi` at the command line. */
  actor: string;
  at: Date;
  reason: string | null;
}

/** What a verb returns. The command line prints it, and a page shows it. */
export interface VerbResult {
  /** For programs. */
  json: unknown;
  /** For people, one under the other. */
  content: readonly (Words | Table)[];
  /** Remarks. The verb did what it was asked for. */
  notes?: readonly Words[];
  /** What is done next, in this order: the words of a verb, with its fields filled in. A page links it. */
  next?: readonly { words: string; input: Readonly<Record<string, string>> }[];
  /** What is wrong beside the result, such as a database that did not answer. */
  errors?: readonly Words[];
}

export const verbGroups = [
  'holds',
  'webhooks',
  'discrepancies',
  'parked',
  'host-writes',
  'refunds',
  'payments',
  'stores',
  'accounts',
  'keys',
  'audit',
  'actions',
] as const;

/** One thing that an operator can do, at the command line and on a page. */
export interface Verb {
  /** `discrepancies close`; a verb of `npm run keys` begins with `keys`. */
  words: string;
  program: 'ops' | 'keys';
  group: (typeof verbGroups)[number];
  /** The least role that may use it on a page. At the command line the shell is the permission. */
  role: OperatorRole;
  /** What it changes; null: it only reads. */
  changes: string | null;
  /** Whether the command line demands `--reason`. A page demands a reason unless it is `none`. */
  reason: 'required' | 'optional' | 'none';
  title: Words;
  description: Words;
  fields: Fields;
  run(context: OperationsContext, input: Input, by: ActedBy): Promise<VerbResult>;
}

/** What a person entered, by the name of the field: text, a list of texts, or whether a box is checked. */
export type Input = Readonly<Record<string, unknown>>;

type Definition<F extends Fields> = Omit<Verb, 'program' | 'fields' | 'run'> & {
  fields: F;
  run(context: OperationsContext, values: Values<F>, by: ActedBy): Promise<VerbResult>;
};

/** Makes a verb whose `run` reads the fields first. */
export function defineVerb<F extends Fields>({ run, ...definition }: Definition<F>): Verb {
  return {
    ...definition,
    program: definition.group === 'keys' ? 'keys' : 'ops',
    run: (context, input, by) => run(context, readFields(definition.fields, input), by),
  };
}

/** The role of the person may not use the verb. */
export class ForbiddenVerb extends CommandError {
  override readonly name = 'ForbiddenVerb';
}

interface Person {
  actor: string;
  role: OperatorRole;
  /** A page demands a reason for every change. */
  surface: 'page' | 'command line';
}

const maxReasonLength = 500;

/** Runs a verb for a person. @throws ForbiddenVerb, UsageError, CommandError */
export async function runVerb(
  verb: Verb,
  context: OperationsContext,
  input: Input,
  person: Person,
): Promise<VerbResult & { text: string }> {
  if (!roleIncludes(person.role, verb.role))
    throw new ForbiddenVerb({
      en: `${verb.words} needs the role ${verb.role}`,
      id: `${verb.title.id} memerlukan peran ${roleWords[verb.role]}`,
    });
  const reason = reasonIn(input);
  const isDemanded = person.surface === 'page' ? verb.reason !== 'none' : verb.reason === 'required';
  if (isDemanded && reason === null) {
    readFields(verb.fields, input); // a wrong field is named before the missing reason
    throw new UsageError({ en: '--reason is missing', id: 'alasan belum diisi' });
  }
  const result = await verb.run(context, input, { actor: person.actor, at: context.clock.now(), reason });
  return { ...result, text: textOf(result) };
}

function reasonIn({ reason }: Input): string | null {
  const text = typeof reason === 'string' ? cleanText(reason) : '';
  if (text.length > maxReasonLength)
    throw new UsageError({
      en: `--reason has at most ${maxReasonLength} characters`,
      id: `alasan paling banyak ${maxReasonLength} karakter`,
    });
  return text || null;
}

const textOf = ({ content }: VerbResult): string => content.map((part) => ('rows' in part ? renderTable(part) : part.en)).join('\n\n');
