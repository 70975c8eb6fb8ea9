import type { Words } from './words.ts';

/** The command cannot do what the operator asked for. The message is printed without a stack, and a page shows it in its language. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly words: Words;

  constructor(words: Words, options?: ErrorOptions) {
    super(words.en, options);
    this.words = words;
  }
}

/** What was entered is invalid. The command line prints the usage after the message. */
export class UsageError extends CommandError {
  override readonly name: string = 'UsageError';
}
