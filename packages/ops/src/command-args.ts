import { terminalUsageError } from './terminal-error.ts';

type Value = string | boolean | readonly (string | boolean)[] | undefined;

/** The arguments on the command line after the words of the command. */
export class CommandArgs {
  readonly #positionals: readonly string[];
  readonly #values: Readonly<Record<string, Value>>;

  constructor(positionals: readonly string[], values: Readonly<Record<string, Value>>) {
    this.#positionals = positionals;
    this.#values = values;
  }

  /** The first positional argument. @param description names the argument in the error. @throws UsageError when it is missing */
  positional(description: string): string {
    const value = this.optionalPositional();
    if (value === null) throw terminalUsageError(`${description} is missing`);
    return value;
  }

  optionalPositional(): string | null {
    return this.#positionals[0] || null;
  }

  /** @throws UsageError when the option is missing */
  option(option: string): string {
    const value = this.optionalOption(option);
    if (value === null) throw terminalUsageError(`--${option} is missing`);
    return value;
  }

  optionalOption(option: string): string | null {
    const value = this.#values[option];
    return typeof value === 'string' && value !== '' ? value : null;
  }

  /** The values of an option that may be repeated or hold a list with commas. Null when it is missing. */
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
