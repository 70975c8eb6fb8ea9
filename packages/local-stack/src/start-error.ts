/** The machine or its settings will not have it. The message is the whole story for whoever ran the command: no stack is shown. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
