/** A rule of ours says no. Each class exists because someone acts on it: see http/problem.ts and the worker's verdict.ts. */
export class DomainError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

export class IllegalTransition extends DomainError {
  constructor(from: string, to: string) {
    super(`a payment cannot go from ${from} to ${to}`);
  }
}
