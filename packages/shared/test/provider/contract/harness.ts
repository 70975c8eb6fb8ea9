import type { ProviderAccount, ProviderError, ProviderName, QrisProvider } from '@gateway/shared/provider';
import type { Logger } from '@gateway/shared/runtime';
import type { Script } from '../scripted-server.ts';

export const operations = ['createCharge', 'findCharge', 'cancelCharge', 'expireCharge', 'refundCharge', 'findRefund'] as const;
export type Operation = (typeof operations)[number];

export type ErrorClass = new (reason: string, message: string) => ProviderError;

/** A test double that behaves as the provider documents, with controls for payers and faults. */
export interface ProviderFake {
  account: ProviderAccount;
  pay(reference: string, by?: { issuer?: string; amount?: number }): void;
  expire(reference: string): void;
  /** The next `times` calls of this operation have this fault. */
  fault(operation: 'create' | 'status' | 'cancel' | 'refund', fault: string, times?: number): void;
  /** Moves the provider's clock. */
  advance(ms: number): void;
  /** The sum of the refunds that the provider carried out, in rupiah. */
  refundedOf(reference: string): number;
  close(): Promise<void>;
}

/** What a provider passes to the contract suite, which every adapter must pass: docs/adding-a-provider.md. */
export interface ProviderHarness {
  provider: ProviderName;
  create(account: ProviderAccount, log: Logger): QrisProvider;
  /** Its secrets contain the word CANARY. */
  account(baseUrl: string): ProviderAccount;
  startFake(): Promise<ProviderFake>;
  /** Answers in the provider's own form, about `contractKey` and `contractRequest`. */
  responses: {
    /** Answers before the deciding one, for example to the lookup that precedes a refund. */
    before: Partial<Record<Operation, Script[]>>;
    /** Valid answers, of which the first is a success. Every part of them is mutated. */
    samples: Record<Operation, object[]>;
    /** Every documented state: the answers to a lookup, and the charge that they become; null: no such charge. */
    states: { what: string; answers: Script[]; charge: object | null }[];
    /** Every documented refusal, and the class and reason that it becomes; null: no such charge or refund. */
    refusals: { what: string; answer: Script; to: Partial<Record<Operation, readonly [ErrorClass, string] | null>> }[];
  };
}
