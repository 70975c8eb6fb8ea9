/**
 * How long after its expiry, or after the request to cancel it, a payment waits for a provider that cannot be reached, milliseconds.
 * After that the gateway closes the payment; late-payment polling closes the charge at the provider. A till does not wait longer.
 */
export const providerUnreachableLimitMs = 120_000;
