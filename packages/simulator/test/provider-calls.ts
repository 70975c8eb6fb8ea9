import { chargeBody, type HttpResult, type Merchant, requestBody } from './merchant.ts';

export const providers = ['midtrans', 'xendit'] as const;
export type Provider = (typeof providers)[number];

/** The same three calls at either provider. `status` and `cancel` are about the charge `REF-1`. */
export interface ProviderCalls {
  create(provider: Provider, reference?: string): Promise<HttpResult>;
  status(provider: Provider): Promise<HttpResult>;
  cancel(provider: Provider): Promise<HttpResult>;
}

export function providerCalls(merchant: Merchant): ProviderCalls {
  const id = () => merchant.simulator.controls.charge('REF-1').id;
  return {
    create: (provider, reference = 'REF-1') =>
      provider === 'midtrans'
        ? merchant.midtrans('POST', '/v2/charge', chargeBody(reference, 150_000))
        : merchant.xendit('POST', '/v3/payment_requests', requestBody(reference, 150_000)),
    status: (provider) =>
      provider === 'midtrans' ? merchant.midtrans('GET', `/v2/${id()}/status`) : merchant.xendit('GET', `/v3/payment_requests/${id()}`),
    cancel: (provider) =>
      provider === 'midtrans'
        ? merchant.midtrans('POST', `/v2/${id()}/cancel`)
        : merchant.xendit('POST', `/v3/payment_requests/${id()}/cancel`),
  };
}
