/** A rule of ours refuses. Each class exists because code acts on it: `http/problem.ts` of the api, and the jobs of the worker. */
export class DomainError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** A bug of ours: the lifecycle table has no such row. */
export class IllegalTransition extends DomainError {
  constructor(from: string, to: string, event: string) {
    super(from === to ? `${event} may not occur while a payment is ${from}` : `a payment cannot go from ${from} to ${to} by ${event}`);
  }
}

/** The host's order cannot be paid by QRIS as it stands. `reason` is for the caller: the host's own words, or ours. */
export class OrderNotPayable extends DomainError {
  readonly reason: string;

  constructor(reason: string) {
    super(`the order cannot be paid: ${reason}`);
    this.reason = reason;
  }
}

/** The figures of a bill that does not add up, as exact decimals. For our log: a caller can do nothing with them. */
export interface ReconciliationParts {
  total: string;
  lineCount: number;
  linesTotal: string;
  charges: readonly { kind: string; amount: string; included: boolean }[];
  /** Lines and charges less `total`. */
  difference: string;
  tolerance: string;
}

/** Lines and charges are not the total: most likely the host's statements read it wrongly, and we would charge a wrong amount. */
export class OrderDoesNotReconcile extends DomainError {
  readonly parts: ReconciliationParts;

  constructor(parts: ReconciliationParts) {
    super('the lines and charges of the order do not add up to its total');
    this.parts = parts;
  }
}

/** Below Rp1 or above what one QRIS payment may carry. */
export class AmountOutOfRange extends DomainError {
  /** The exact due of the host, before rounding. */
  readonly due: string;

  constructor(due: string, ceiling: number) {
    super(`the order owes ${due}, and one QRIS payment carries 1 to ${ceiling} whole rupiah`);
    this.due = due;
  }
}
