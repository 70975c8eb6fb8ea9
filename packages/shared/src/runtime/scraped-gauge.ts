import { Counter, Gauge, type LabelValues, type Registry } from '@prometheus-io/client';

export interface Sample<Label extends string> {
  labels: LabelValues<Label>;
  value: number;
}

export interface ScrapedGauge<Label extends string> {
  name: string;
  help: string;
  labelNames: readonly Label[];
  /** Reads the present values, in parts that do not wait for each other. Labels that no part returns are no longer shown. */
  read(): readonly Promise<readonly Sample<Label>[]>[];
  /** How long a scrape waits for the values, in milliseconds. */
  withinMs?: number;
}

/**
 * A gauge that is read at each scrape and costs nothing in between. A part that is not read in time is left out of the scrape and
 * counted, so that one hanging server does not take the other metrics with it. Its read goes on, and the next scrape waits for it.
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

/** Created with the first gauge: it is collected before the gauges, so it shows the failures of the previous scrape. */
function failuresIn(registry: Registry): Counter<'figure'> {
  const name = 'gateway_scrape_failures_total';
  const existing = registry.getSingleMetric(name) as Counter<'figure'> | undefined;
  const help = 'Metrics left out of a scrape because reading them took too long';
  return existing ?? new Counter({ name, help, labelNames: ['figure'], registers: [registry] });
}

async function within<T>(reading: Promise<T>, ms: number): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('late')), ms);
  reading.catch(() => {}); // it may fail after the timeout
  return Promise.race([reading, timeout]).finally(() => clearTimeout(timer));
}
