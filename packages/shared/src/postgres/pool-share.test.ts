import type pg from 'pg';
import { createPoolShare, PoolShareFull } from './pool-share.ts';

const poolOf = (max: number) => ({ options: { max } }) as unknown as pg.Pool;

describe('a share of a pool', () => {
  it('runs as many calls at a time as it has connections, and the others in the order of their arrival', async () => {
    const share = createPoolShare(0.5);
    const pool = poolOf(4);
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const calls = [1, 2, 3, 4].map((n) =>
      share(pool, () => {
        started.push(n);
        return new Promise<void>((end) => ends.push(end));
      }),
    );
    expect(started).toEqual([1, 2]);
    ends[1]?.();
    await calls[1];
    expect(started).toEqual([1, 2, 3]);
    ends[0]?.();
    await calls[0];
    expect(started).toEqual([1, 2, 3, 4]);
    for (const end of ends) end();
    await Promise.all(calls);
  });

  it('refuses a call that waited for as long as it would, and its place stays for the next', async () => {
    const share = createPoolShare(0.1);
    const pool = poolOf(4);
    let end = () => {};
    const first = share(
      pool,
      () =>
        new Promise<void>((ended) => {
          end = ended;
        }),
    );
    await expect(share(pool, async () => 'ran', { patienceMs: 1 })).rejects.toThrow(PoolShareFull);
    const next = share(pool, async () => 'ran', { patienceMs: 60_000 });
    end();
    await first;
    expect(await next).toBe('ran');
  });

  it('is free again after a call that failed', async () => {
    const share = createPoolShare(0.1);
    const pool = poolOf(1);
    await expect(share(pool, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    expect(await share(pool, async () => 'ran')).toBe('ran');
  });
});
