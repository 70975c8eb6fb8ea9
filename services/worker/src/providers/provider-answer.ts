import { ProviderError } from '@gateway/shared/provider';

/** What a provider answered, or the reason why there is no answer: `timeout`, `http_500`, `breaker_open`, … */
export type ProviderAnswer<T> = { kind: 'answered'; charge: T } | { kind: 'failed'; reason: string };

/** Waits for a call to a provider. @throws what is not a failure of the provider */
export async function answerOf<T>(call: Promise<T>): Promise<ProviderAnswer<T>> {
  try {
    return { kind: 'answered', charge: await call };
  } catch (error) {
    if (error instanceof ProviderError) return { kind: 'failed', reason: error.reason };
    throw error;
  }
}
