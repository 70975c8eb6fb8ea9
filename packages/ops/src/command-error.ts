/** What was asked for cannot be done, and why: a sentence for who asked. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
}

/** It was not asked for in the right words. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
}
