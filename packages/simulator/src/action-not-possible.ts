/** The action is not possible in the current state of the charge. */
export class ActionNotPossible extends Error {
  override readonly name = 'ActionNotPossible';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
