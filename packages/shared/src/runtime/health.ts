/** The state of one dependency of this process. */
export type Condition = { ok: true } | { ok: false; why: string };

export interface HealthReport {
  ready: boolean;
  checks: Record<string, Condition>;
}

/** Checks one dependency. Undefined means that it is available; an error means that it is not. */
export type HealthCheck = () => Promise<Condition | undefined> | Condition | undefined;

export interface Health {
  report(): Promise<HealthReport>;
  /** Makes the process unready from now on, whatever the checks say, so that a load balancer sends no more requests. */
  drain(): void;
  readonly isDraining: boolean;
}

/** @param options.timeoutMs the time limit of each check: readiness must answer even when a dependency hangs */
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
