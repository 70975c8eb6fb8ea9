import { WrongUsage } from './cannot-do.ts';

type Value = string | boolean | readonly (string | boolean)[] | undefined;

/** What stood on the command line behind the command's own words. */
export class Given {
  readonly #positionals: readonly string[];
  readonly #values: Readonly<Record<string, Value>>;

  constructor(positionals: readonly string[], values: Readonly<Record<string, Value>>) {
    this.#positionals = positionals;
    this.#values = values;
  }

  /** The first word. @param what it is, for who left it out */
  word(what: string): string {
    const word = this.maybeWord();
    if (word === null) throw new WrongUsage(`${what} is missing`);
    return word;
  }

  maybeWord(): string | null {
    return this.#positionals[0] || null;
  }

  text(option: string): string {
    const value = this.maybe(option);
    if (value === null) throw new WrongUsage(`--${option} is missing`);
    return value;
  }

  maybe(option: string): string | null {
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
