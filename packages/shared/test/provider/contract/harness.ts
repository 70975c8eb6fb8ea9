import type { ProviderAccount, ProviderError, ProviderName, QrisProvider } from '@gateway/shared/provider';
import type { Logger } from '@gateway/shared/runtime';
import type { Script } from '../scripted-server.ts';

export const operations = ['createCharge', 'findCharge', 'cancelCharge', 'expireCharge', 'refundCharge', 'findRefund'] as const;
export type Operation = (typeof operations)[number];

export type ErrorClass = new (reason: string, message: string) => ProviderError;

/** The provider itself, or what stands in for it: behaves as documented, and can be told what payers and faults do. */
export interface ProviderFake {
  account: ProviderAccount;
  pay(reference: string, by?: { issuer?: string; amount?: number }): void;
  expire(reference: string): void;
  /** The next `times` calls of this operation go wrong. */
  fault(operation: 'create' | 'status' | 'cancel' | 'refund', fault: string, times?: number): void;
  /** Lets the provider's time run. */
  advance(ms: number): void;
  /** What its own book says was given back. */
  refundedOf(reference: string): number;
  close(): Promise<void>;
}

/** What a new provider brings, to be held to the same promises as the others: docs/adding-a-provider.md. */
export interface ProviderHarness {
  provider: ProviderName;
  create(account: ProviderAccount, log: Logger): QrisProvider;
  /** Its secrets contain the word CANARY. */
  account(baseUrl: string): ProviderAccount;
  startFake(): Promise<ProviderFake>;
  /** Answers as the provider writes them, about `contractKey` and `contractRequest`. */
  responses: {
    /** Answers that come before the one that decides: a refund that looks first, say. None when left out. */
    before: Partial<Record<Operation, Script[]>>;
    /** Good answers, JSON objects, the first one a yes: every part of them is bent and broken. */
    samples: Record<Operation, object[]>;
    /** Every documented state: what the provider says when asked for the charge, and what it comes to; null: no such charge. */
    states: { what: string; answers: Script[]; charge: object | null }[];
    /** Every documented refusal, and the class and reason it lands in; `null`: no such charge or refund. */
    refusals: { what: string; answer: Script; to: Partial<Record<Operation, readonly [ErrorClass, string] | null>> }[];
  };
}
