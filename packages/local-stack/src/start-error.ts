/** The machine or its settings prevent a start. The message says what to do, and is shown without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
