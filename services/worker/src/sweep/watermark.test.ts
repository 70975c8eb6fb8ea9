import { createSweepWatermark } from './watermark.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 2, 3) + seconds * 1_000);
const fromStart = new Date(0);

describe('the watermark of a sweep', () => {
  it('is the epoch until a round has completed', () => {
    const watermark = createSweepWatermark();
    expect([watermark.from(at(0)), watermark.from(at(1))]).toEqual([fromStart, fromStart]);
  });

  it('is 30 s behind the last completed round, because rows may become visible late', () => {
    const watermark = createSweepWatermark();
    watermark.from(at(0));
    watermark.completed(at(0));
    expect(watermark.from(at(1))).toEqual(at(-30));
    watermark.completed(at(1));
    expect(watermark.from(at(20))).toEqual(at(-29)); // 19 s without a completed round
  });

  it('is the epoch again once a minute', () => {
    const watermark = createSweepWatermark();
    watermark.from(at(0));
    for (let second = 0; second < 60; second++) watermark.completed(at(second));
    expect(watermark.from(at(60))).toEqual(fromStart);
    expect(watermark.from(at(61))).toEqual(at(29));
  });
});
