import { Counter, Gauge, type LabelValues, type Registry } from '@prometheus-io/client';

export interface Sample<Label extends string> {
  labels: LabelValues<Label>;
  value: number;
}

export interface ScrapedGauge<Label extends string> {
  name: string;
  help: string;
  labelNames: readonly Label[];
  /** Looks up the figure as it is now, in parts that do not wait for one another; what they do not return is no longer shown. */
  read(): readonly Promise<readonly Sample<Label>[]>[];
  /** How long somebody who scrapes waits for it. */
  withinMs?: number;
}

/**
 * A figure that is looked up when somebody asks for it, and otherwise costs nothing. A server that hangs must not take the other
 * figures with it: what does not come in time is left out, and counted. Its look goes on, and no other is begun beside it.
 */
export function scrapedGauge<Label extends string>(
  registry: Registry,
  { name, help, labelNames, read, withinMs = 1_000 }: ScrapedGauge<Label>,
): void {
  const failures = failuresIn(registry);
  let pending: readonly Promise<readonly Sample<Label>[]>[] | null = null;
  const gauge = new Gauge<Label>({
    name,
    help,
    labelNames,
    registers: [registry],
    collect: async () => {
      gauge.reset();
      const parts = pending ?? read();
      pending = parts;
      void Promise.allSettled(parts).then(() => {
        pending = null;
      });
      await Promise.all(parts.map((part) => within(part, withinMs).then(show, () => failures.inc({ figure: name }))));
    },
  });

  function show(samples: readonly Sample<Label>[]): void {
    for (const { labels, value } of samples) gauge.set(labels, value);
  }
}

/** Made with the first gauge, so that it stands before all of them and counts what the scrape before went without. */
function failuresIn(registry: Registry): Counter<'figure'> {
  const name = 'gateway_scrape_failures_total';
  const existing = registry.getSingleMetric(name) as Counter<'figure'> | undefined;
  const help = 'Metrics left out of a scrape because reading them took too long';
  return existing ?? new Counter({ name, help, labelNames: ['figure'], registers: [registry] });
}

async function within<T>(reading: Promise<T>, ms: number): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('late')), ms);
  reading.catch(() => {}); // it lost the race
  return Promise.race([reading, timeout]).finally(() => clearTimeout(timer));
}
