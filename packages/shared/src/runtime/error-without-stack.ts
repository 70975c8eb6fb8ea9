/**
 * An error that answers a caller. It has no stack: its message says where it comes from, and capturing one costs more than the rest of a
 * refusal, of which anybody may cause thousands a second.
 */
export class ErrorWithoutStack extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
