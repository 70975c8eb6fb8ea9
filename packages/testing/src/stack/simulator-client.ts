export type Provider = 'midtrans' | 'xendit';

/** A charge as the simulator recorded it. The README of packages/simulator describes all fields. */
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

/** A fault rule of the simulator. */
export interface Fault {
  operation: 'create' | 'status' | 'cancel' | 'refund' | 'any';
  fault: string;
  times?: number | null;
  delay_ms?: number;
  probability?: number;
  /** The account that the fault applies to; default: all accounts. */
  account?: string;
}

/** Calls the HTTP controls of a simulator: payers, faults, webhook delivery, time. */
export interface SimulatorClient {
  /** The payer scans the QR and pays. */
  pay(reference: string, how?: { amount?: number; deliveries?: number; delay_ms?: number; issuer?: string }): Promise<SimulatedCharge>;
  expire(reference: string): Promise<SimulatedCharge>;
  /** Sends a validly signed webhook that reports a false status; default `paid`. */
  forge(reference: string, status?: string): Promise<SimulatedCharge>;
  fault(provider: Provider, fault: Fault): Promise<void>;
  faultBoth(fault: Fault): Promise<void>;
  /** @param provider default: both */
  clearFaults(provider?: Provider): Promise<void>;
  /** Sets how the webhooks of both providers are delivered. */
  setDeliveryRules(rules: {
    drop?: number;
    duplicate?: number;
    delay_ms?: [number, number];
    shuffle?: boolean;
    bad_signature?: number;
    seed?: number;
  }): Promise<void>;
  /** Adds an account with this key at a provider, or rotates its key. `more` are further fields, such as `notification_url`. */
  openAccount(provider: Provider, id: string, key: string, more?: Record<string, unknown>): Promise<void>;
  /** Moves the clock of both providers forward. */
  advance(ms: number): Promise<void>;
  /** All charges, or those with one reference, newest first. */
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
    clearFaults: async (provider) =>
      void (await Promise.all((provider ? [provider] : both).map((each) => control('DELETE', `${each}/faults`)))),
    setDeliveryRules: async (rules) => void (await Promise.all(both.map((provider) => control('POST', `${provider}/webhooks`, rules)))),
    charges: async (reference) =>
      (await control<{ charges: SimulatedCharge[] }>('GET', `charges${reference ? `?reference=${reference}` : ''}`)).charges,
    openAccount: (provider, id, key, more = {}) =>
      control(
        'PUT',
        `${provider}/accounts/${id}`,
        provider === 'midtrans' ? { server_key: key, ...more } : { secret_key: key, callback_token: `${key}-token`, ...more },
      ),
    advance: (ms) => control('POST', 'clock', { advance_ms: ms }),
    reset: () => control('POST', 'reset', {}),
  };
}
