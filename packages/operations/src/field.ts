import { z } from 'zod';
import { UsageError } from './command-error.ts';
import type { Words } from './words.ts';

/** `time`: a page takes it as clocks of the store show it. */
export type FieldKind = 'text' | 'number' | 'time' | 'select' | 'list' | 'checkbox' | 'secret';

/** What a verb asks for. The command line takes it as an argument or option, a page as a field of its form. */
export interface Field<Value = unknown> {
  kind: FieldKind;
  label: Words;
  /** A short form of what to enter: `<id>`. */
  placeholder: string;
  isRequired: boolean;
  /** Null: it is an option of the command line. Otherwise what the message calls it when it is missing: `the provider`. */
  positional: string | null;
  /** The only values of a `select`. */
  options: readonly string[] | null;
  schema: z.ZodType<Value>;
}

/** By the name of the option and of the form's field. */
export type Fields = Readonly<Record<string, Field>>;

export type Values<F extends Fields> = { [Name in keyof F]: F[Name] extends Field<infer Value> ? Value : never };

interface FieldText {
  label: Words;
  placeholder?: string;
  kind?: 'text' | 'number' | 'time';
}

/** A required argument. @param missing what it is called when it is missing: `the provider` */
export const argument = <S extends z.ZodType>(missing: string, schema: S, { label, placeholder = 'id' }: FieldText): Field<z.output<S>> =>
  ({ kind: 'text', label, placeholder, isRequired: true, positional: missing, options: null, schema }) as Field<z.output<S>>;

/** The argument as a page shows it: a list to choose from. */
export const chosenFrom = <Value>(field: Field<Value>, options: readonly string[]): Field<Value> => ({ ...field, kind: 'select', options });

/** A required option with one value. */
export const option = <S extends z.ZodType>(schema: S, { label, placeholder = 'text', kind = 'text' }: FieldText): Field<z.output<S>> =>
  ({ kind, label, placeholder, isRequired: true, positional: null, options: null, schema }) as Field<z.output<S>>;

/** A required option with one of these values. */
export const choice = <const T extends readonly [string, ...string[]]>(
  name: string,
  options: T,
  { label, wording = `must be one of ${options.join(', ')}` }: { label: Words; wording?: string },
): Field<T[number]> => ({
  kind: 'select',
  label,
  placeholder: options.join('|'),
  isRequired: true,
  positional: null,
  options,
  schema: z.enum(options, `--${name} ${wording}`) as unknown as z.ZodType<T[number]>,
});

/** An option that may be repeated or hold a list with commas. Null: it is missing. */
export const list = <S extends z.ZodType>(item: S, { label, placeholder = 'id' }: FieldText): Field<z.output<S>[] | null> =>
  ({
    kind: 'list',
    label,
    placeholder,
    isRequired: false,
    positional: null,
    options: null,
    schema: z.array(item).nullable(),
  }) as unknown as Field<z.output<S>[] | null>;

/** A box to check, or an option without a value. */
export const checkbox = (label: Words): Field<boolean> => ({
  kind: 'checkbox',
  label,
  placeholder: '',
  isRequired: false,
  positional: null,
  options: null,
  schema: z.boolean(),
});

/** Text that is never shown again. The command line reads it from a file or from standard input, never from an argument. */
export const secret = (label: Words): Field<string> => ({
  kind: 'secret',
  label,
  placeholder: '',
  isRequired: true,
  positional: null,
  options: null,
  schema: z.string(),
});

/** The same field, null when it is missing. */
export const optional = <Value>(field: Field<Value>): Field<Value | null> => ({
  ...field,
  isRequired: false,
  schema: field.schema.nullable() as unknown as z.ZodType<Value | null>,
});

/** Reads what a person entered. @throws UsageError for the first field that is missing or invalid, or what a schema throws */
export function readFields<F extends Fields>(fields: F, input: Readonly<Record<string, unknown>>): Values<F> {
  const entries = Object.entries(fields).map(([name, field]) => [name, readField(name, field, input[name])] as const);
  return Object.fromEntries(entries) as Values<F>;
}

function readField(name: string, { kind, label, isRequired, positional, schema }: Field, entered: unknown): unknown {
  const value = normalised(kind, entered);
  if (isRequired && value === null) throw new UsageError({ en: `${positional ?? `--${name}`} is missing`, id: `${label.id} belum diisi` });
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new UsageError({
      en: parsed.error.issues[0]?.message ?? `--${name} is invalid`,
      id: `${label.id}: isian ini tidak dapat dipakai`,
    });
  return parsed.data;
}

function normalised(kind: FieldKind, entered: unknown): unknown {
  if (kind === 'checkbox') return entered === true || entered === 'on' || entered === 'true';
  if (kind !== 'list') return typeof entered === 'string' && entered !== '' ? entered : null;
  const texts = Array.isArray(entered) ? entered.map(String) : typeof entered === 'string' ? [entered] : [];
  const items = texts.flatMap((text) => text.split(',')).map((item) => item.trim());
  const filled = items.filter(Boolean);
  return filled.length > 0 ? filled : null;
}
