/** The command cannot do what the operator asked for. The message is printed without a stack. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
}

/** The command line is invalid. The usage is printed after the message. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
}
