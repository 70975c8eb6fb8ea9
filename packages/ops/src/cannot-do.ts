/** What was asked for cannot be done, and why: a sentence for who asked. */
export class CannotDo extends Error {
  override readonly name: string = 'CannotDo';
}

/** It was not asked for in the right words. */
export class WrongUsage extends CannotDo {
  override readonly name = 'WrongUsage';
}
