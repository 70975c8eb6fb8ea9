export type Provider = 'midtrans' | 'xendit';

/** A charge in the simulated providers' own book. */
export interface SimulatedCharge {
  provider: Provider;
  reference: string;
  status: string;
  amount: number;
  paid_amount: number | null;
  qr_string: string | null;
  refunds: { status: string; amount: number }[];
  calls: { operation: string; at: string }[];
}

export interface Fault {
  operation: 'create' | 'status' | 'cancel' | 'refund' | 'any';
  fault: string;
  times?: number | null;
  delay_ms?: number;
  probability?: number;
  /** Only of this account; unless told, of all. */
  account?: string;
}

/** The world outside: customers, and what may befall a provider. */
export interface SimulatorClient {
  /** The customer scans and pays. */
  pay(reference: string, how?: { amount?: number; deliveries?: number; delay_ms?: number; issuer?: string }): Promise<SimulatedCharge>;
  expire(reference: string): Promise<SimulatedCharge>;
  /** A well signed webhook that is not true. */
  forge(reference: string, status?: string): Promise<SimulatedCharge>;
  fault(provider: Provider, fault: Fault): Promise<void>;
  faultBoth(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  /** How news travels from both providers. */
  setDeliveryRules(rules: {
    drop?: number;
    duplicate?: number;
    delay_ms?: [number, number];
    shuffle?: boolean;
    bad_signature?: number;
    seed?: number;
  }): Promise<void>;
  /** Opens an account with this key at a provider. */
  openAccount(provider: Provider, id: string, key: string): Promise<void>;
  /** Time passes for both providers. */
  advance(ms: number): Promise<void>;
  /** Newest first. */
  charges(reference?: string): Promise<SimulatedCharge[]>;
  reset(): Promise<void>;
}

const both: readonly Provider[] = ['midtrans', 'xendit'];

export function simulatorClientAt(url: string): SimulatorClient {
  async function control<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await fetch(new URL(`/control/${path}`, url), {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} /control/${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  }
  const fault = (provider: Provider, rule: Fault) => control<void>('POST', `${provider}/faults`, rule);
  return {
    fault,
    pay: (reference, how = {}) => control('POST', `charges/${reference}/pay`, how),
    expire: (reference) => control('POST', `charges/${reference}/expire`, {}),
    forge: (reference, status = 'paid') => control('POST', `charges/${reference}/claim`, { status }),
    faultBoth: async (rule) => void (await Promise.all(both.map((provider) => fault(provider, rule)))),
    clearFaults: async () => void (await Promise.all(both.map((provider) => control('DELETE', `${provider}/faults`)))),
    setDeliveryRules: async (rules) => void (await Promise.all(both.map((provider) => control('POST', `${provider}/webhooks`, rules)))),
    charges: async (reference) =>
      (await control<{ charges: SimulatedCharge[] }>('GET', `charges${reference ? `?reference=${reference}` : ''}`)).charges,
    openAccount: (provider, id, key) =>
      control(
        'PUT',
        `${provider}/accounts/${id}`,
        provider === 'midtrans' ? { server_key: key } : { secret_key: key, callback_token: `${key}-token` },
      ),
    advance: (ms) => control('POST', 'clock', { advance_ms: ms }),
    reset: () => control('POST', 'reset', {}),
  };
}
