/** One thing this process depends on, and whether it is there. */
export type Condition = { ok: true } | { ok: false; why: string };

export interface HealthReport {
  ready: boolean;
  checks: Record<string, Condition>;
}

/** A look at one dependency. Throwing means it is out. */
export type HealthCheck = () => Promise<Condition | undefined> | Condition | undefined;

export interface Health {
  report(): Promise<HealthReport>;
  /** From now on not ready, whatever the dependencies say: a balancer must stop sending. */
  drain(): void;
  readonly isDraining: boolean;
}

/** Each look has `timeoutMs`: readiness must answer even when a dependency hangs. */
export function createHealth(checks: Readonly<Record<string, HealthCheck>>, { timeoutMs = 1_500 } = {}): Health {
  let isDraining = false;
  return {
    get isDraining() {
      return isDraining;
    },
    drain: () => {
      isDraining = true;
    },
    report: async () => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check, timeoutMs)] as const),
      );
      const all = isDraining ? [...results, ['process', { ok: false, why: 'shutting down' }] as const] : results;
      return { ready: all.every(([, condition]) => condition.ok), checks: Object.fromEntries(all) };
    },
  };
}

async function runCheck(check: HealthCheck, timeoutMs: number): Promise<Condition> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Condition>((done) => {
    timer = setTimeout(() => done({ ok: false, why: `no answer within ${timeoutMs} ms` }), timeoutMs);
  });
  try {
    return (await Promise.race([Promise.resolve(check()), timeout])) ?? { ok: true };
  } catch (error) {
    return { ok: false, why: reasonOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? String(error);
}
