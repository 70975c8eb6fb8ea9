import { Registry } from '@prometheus-io/client';
import { scrapedGauge } from './scraped-gauge.ts';

interface PartReaders {
  [part: string]: () => Promise<number>;
}

function aRegistry(read: PartReaders): Registry {
  const registry = new Registry();
  scrapedGauge(registry, {
    name: 'depth',
    help: 'Depth',
    labelNames: ['part'],
    read: () => Object.entries(read).map(async ([part, readPart]) => [{ labels: { part }, value: await readPart() }]),
    withinMs: 30,
  });
  return registry;
}

const never = () => new Promise<never>(() => {});

describe('a gauge that is read at each scrape', () => {
  it('shows the present value', async () => {
    let depth = 3;
    const registry = aRegistry({ pos: async () => depth });
    expect(await registry.metrics()).toContain('depth{part="pos"} 3');
    depth = 4;
    expect(await registry.metrics()).toContain('depth{part="pos"} 4');
  });

  it('leaves out and counts what is not read in time, and shows the rest', async () => {
    const registry = aRegistry({ pos: async () => 3, erp: never, other: () => Promise.reject(new Error('away')) });
    const text = await registry.metrics();
    expect(text).toContain('depth{part="pos"} 3');
    expect(text).not.toMatch(/erp|other/);
    expect(await registry.metrics()).toContain('gateway_scrape_failures_total{figure="depth"} 2');
  });

  it('is not read again while the previous read hangs', async () => {
    let reads = 0;
    const registry = aRegistry({
      pos: () => {
        reads++;
        return never();
      },
    });
    await registry.metrics();
    await registry.metrics();
    expect(reads).toBe(1);
  });
});
