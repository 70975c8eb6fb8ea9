import { z } from 'zod';
import type { Operation } from './charge.ts';
import type { Random } from './random.ts';

const operations = ['create', 'status', 'cancel', 'refund', 'any'] as const;

/** Every fault of providers.md 6, with the operations that it applies to. */
const faultReach = {
  refuse: 'any',
  slow: 'any',
  slow_drip: 'any',
  hang: 'any',
  hang_after_effect: 'any',
  reset_after_effect: 'any',
  http_500: 'any',
  http_500_after_effect: 'any',
  http_502_html: 'any',
  truncated: 'any',
  rate_limited: 'any',
  unauthorized: 'any',
  rejected: 'any',
  duplicate: ['create', 'refund'],
  wrong_amount_qr: ['create'],
  no_qr: ['create'],
  dirty_qr: ['create'],
  lag: ['status'],
} as const satisfies Record<string, 'any' | readonly Operation[]>;

export type FaultName = keyof typeof faultReach;
export const faultNames = Object.keys(faultReach) as [FaultName, ...FaultName[]];

const appliesTo = (fault: FaultName, operation: string): boolean => {
  const reach: 'any' | readonly string[] = faultReach[fault];
  return reach === 'any' || reach.includes(operation);
};

/** A rule that makes calls fail. `times: null` lasts until the rule is cleared; `probability` and `account` narrow it. */
export const faultRule = z
  .strictObject({
    operation: z.enum(operations).default('any'),
    fault: z.enum(faultNames),
    times: z.number().int().min(1).max(1_000_000).nullable().default(1),
    delay_ms: z.number().min(0).max(3_600_000).default(0),
    probability: z.number().min(0).max(1).default(1),
    account: z.string().min(1).nullable().default(null),
  })
  .refine(({ fault, operation }) => operation === 'any' || appliesTo(fault, operation), {
    path: ['operation'],
    error: 'this fault does not apply to this operation',
  });

export type FaultRule = z.output<typeof faultRule>;

/** A rule in force, and how often it was applied. */
export type ActiveFault = FaultRule & { applied: number };

/** The faults of one provider. The oldest rule that matches a call is applied; a call gets one fault at most. */
export class Faults {
  readonly #random: Random;
  #rules: ActiveFault[] = [];
  #onChange: () => void = () => {};

  constructor(random: Random) {
    this.#random = random;
  }

  get rules(): readonly ActiveFault[] {
    return this.#rules;
  }

  /** True while an unlimited `refuse` of `create` or `any` is in force for all accounts: then every connection is refused. */
  get isPortClosed(): boolean {
    return this.#rules.some(
      (rule) =>
        rule.fault === 'refuse' &&
        rule.times === null &&
        rule.probability === 1 &&
        rule.account === null &&
        (rule.operation === 'any' || rule.operation === 'create'),
    );
  }

  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  add(rule: FaultRule): void {
    this.#rules.push({ ...rule, applied: 0 });
    this.#onChange();
  }

  clear(operation?: string): void {
    this.#rules = operation === undefined ? [] : this.#rules.filter((rule) => rule.operation !== operation);
    this.#onChange();
  }

  /** The fault that applies to this call, or null. Counts one use of its rule. */
  match(operation: Operation, account: string | null): FaultRule | null {
    if (this.#rules.length === 0) return null;
    const rule = this.#rules.find(
      (candidate) =>
        (candidate.operation === 'any' || candidate.operation === operation) &&
        appliesTo(candidate.fault, operation) &&
        (candidate.account === null || candidate.account === account) &&
        (candidate.probability === 1 || this.#random() < candidate.probability),
    );
    if (!rule) return null;
    rule.applied += 1;
    if (rule.applied === rule.times) this.#rules = this.#rules.filter((other) => other !== rule);
    return rule;
  }
}
