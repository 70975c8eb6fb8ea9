/**
 * The part of opossum that breaker.ts uses. opossum ships no types, and `@types/opossum` describes version 8.
 * Source: opossum 10.0.0, lib/circuit.js.
 */
declare module 'opossum' {
  export interface Options {
    name: string;
    /** False: opossum sets no time limit on a call. */
    timeout: false;
    /** Milliseconds from opening to half-open. Read when the circuit opens. */
    resetTimeout: number;
    /** Fewest calls in the rolling window before the error rate may open the circuit. */
    volumeThreshold: number;
    errorThresholdPercentage: number;
    /** Length of the rolling window in milliseconds. */
    rollingCountTimeout: number;
    rollingPercentilesEnabled: boolean;
    enableSnapshots: boolean;
    /** True for an error that does not count as a failure. */
    errorFilter(error: unknown): boolean;
  }

  export default class CircuitBreaker<Args extends unknown[], Result> {
    constructor(action: (...args: Args) => Promise<Result>, options: Options);
    readonly closed: boolean;
    readonly opened: boolean;
    /** True while the circuit is half-open and its one trial call has not begun. */
    readonly pendingClose: boolean;
    /** Rejects with the error of the action, or with an error of opossum when the circuit is open. */
    fire(...args: Args): Promise<Result>;
    /** Does nothing when the circuit is open already. Listeners run before it returns. */
    open(): void;
    close(): void;
    shutdown(): void;
    on(event: 'open' | 'halfOpen' | 'close', listener: () => void): this;
  }
}
