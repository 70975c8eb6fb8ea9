import { UsageError } from './command-error.ts';

type Value = string | boolean | readonly (string | boolean)[] | undefined;

/** What stood on the command line behind the command's own words. */
export class CommandArgs {
  readonly #positionals: readonly string[];
  readonly #values: Readonly<Record<string, Value>>;

  constructor(positionals: readonly string[], values: Readonly<Record<string, Value>>) {
    this.#positionals = positionals;
    this.#values = values;
  }

  /** The first word. @param description it is, for who left it out */
  positional(description: string): string {
    const value = this.optionalPositional();
    if (value === null) throw new UsageError(`${description} is missing`);
    return value;
  }

  optionalPositional(): string | null {
    return this.#positionals[0] || null;
  }

  option(option: string): string {
    const value = this.optionalOption(option);
    if (value === null) throw new UsageError(`--${option} is missing`);
    return value;
  }

  optionalOption(option: string): string | null {
    const value = this.#values[option];
    return typeof value === 'string' && value !== '' ? value : null;
  }

  /** An option that may stand several times, or once with commas. Null when it does not stand at all. */
  list(option: string): string[] | null {
    const value = this.#values[option];
    if (!Array.isArray(value)) return null;
    const items = value.flatMap((item) => String(item).split(',')).filter(Boolean);
    return items.length > 0 ? items : null;
  }

  flag(option: string): boolean {
    return this.#values[option] === true;
  }
}
