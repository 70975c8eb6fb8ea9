/** The state of one dependency of this process. */
export type Condition = { ok: true } | { ok: false; why: string };

export interface HealthReport {
  ready: boolean;
  checks: Record<string, Condition>;
  /** What an operator must look at although the process can work, one line each. */
  warnings: string[];
}

/** Checks one dependency. Undefined means that it is available; an error means that it is not. */
export type HealthCheck = () => Promise<Condition | undefined> | Condition | undefined;

export interface Health {
  /** Every dependency, for people and alerts. */
  report(): Promise<HealthReport>;
  /** Whether this process may get traffic, for load balancers and orchestrators. */
  serving(): Promise<Condition>;
  /** From now on the process is neither ready nor serving, whatever the checks say, so that a load balancer sends no more requests. */
  drain(): void;
  readonly isDraining: boolean;
}

export interface HealthOptions {
  /** Whether this process can answer some of its callers, although a dependency is unavailable. Default: always. */
  serving?: HealthCheck;
  /** Reads the warnings. None are reported when it fails: the check of the same dependency says why. */
  warnings?: () => Promise<string[]>;
  /** The time limit of each check, milliseconds: readiness must answer even when a dependency hangs. */
  timeoutMs?: number;
}

type HealthChecks = Readonly<Record<string, HealthCheck>>;

/** @param checks by name, or a function that returns the present ones */
export function createHealth(
  checks: HealthChecks | (() => HealthChecks),
  { serving = () => undefined, warnings = async () => [], timeoutMs = 1_500 }: HealthOptions = {},
): Health {
  let isDraining = false;
  return {
    get isDraining() {
      return isDraining;
    },
    drain: () => {
      isDraining = true;
    },
    serving: async () => (isDraining ? shuttingDown : runCheck(serving, timeoutMs)),
    report: async () => {
      const [found, ...results] = await Promise.all([
        withinMs(timeoutMs, warnings()).catch(() => []),
        ...Object.entries(typeof checks === 'function' ? checks() : checks).map(
          async ([name, check]) => [name, await runCheck(check, timeoutMs)] as const,
        ),
      ]);
      const all = isDraining ? [...results, ['process', shuttingDown] as const] : results;
      return { ready: all.every(([, condition]) => condition.ok), checks: Object.fromEntries(all), warnings: found };
    },
  };
}

const shuttingDown: Condition = { ok: false, why: 'shutting down' };

async function runCheck(check: HealthCheck, timeoutMs: number): Promise<Condition> {
  try {
    return (await withinMs(timeoutMs, Promise.resolve(check()))) ?? { ok: true };
  } catch (error) {
    return { ok: false, why: reasonOf(error) };
  }
}

async function withinMs<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, late) => {
    const refuse = () => late(new Error(`no answer within ${timeoutMs} ms`));
    timer = setTimeout(() => setImmediate(refuse), timeoutMs); // a busy event loop reads the answers that came before it judges
  });
  return Promise.race([answer, timeout]).finally(() => clearTimeout(timer));
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? String(error);
}
