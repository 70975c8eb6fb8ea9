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

/** The host's order cannot be paid by QRIS in its present state. `reason` is shown to the caller; the host or the gateway gives it. */
export class OrderNotPayable extends DomainError {
  readonly reason: string;

  constructor(reason: string) {
    super(`the order cannot be paid: ${reason}`);
    this.reason = reason;
  }
}

/** The figures of a bill that does not add up, as exact decimals. They are logged for the maintainer of the host, and never shown to a caller. */
export interface ReconciliationParts {
  total: string;
  lineCount: number;
  linesTotal: string;
  charges: readonly { kind: string; amount: string; included: boolean }[];
  /** Lines and charges less `total`. */
  difference: string;
  tolerance: string;
}

/** Lines and charges do not add up to the total. Most likely the host's SQL reads the order wrongly, and the charge would be wrong. */
export class OrderDoesNotReconcile extends DomainError {
  readonly parts: ReconciliationParts;

  constructor(parts: ReconciliationParts) {
    super('the lines and charges of the order do not add up to its total');
    this.parts = parts;
  }
}

/** The amount is below Rp1 or above what one QRIS payment may carry. */
export class AmountOutOfRange extends DomainError {
  /** The exact amount due, before rounding. */
  readonly due: string;

  constructor(due: string, ceiling: number) {
    super(`the amount due is ${due}, and one QRIS payment carries 1 to ${ceiling} whole rupiah`);
    this.due = due;
  }
}
