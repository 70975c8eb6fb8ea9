import { createSweepWatermark } from './watermark.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 2, 3) + seconds * 1_000);
const fromStart = new Date(0);

describe('from where a sweep looks', () => {
  it('is the beginning, at first and for as long as no round has come to its end', () => {
    const watermark = createSweepWatermark();
    expect([watermark.from(at(0)), watermark.from(at(1))]).toEqual([fromStart, fromStart]);
  });

  it('is then thirty seconds behind the last round: what was written meanwhile may have come to light late', () => {
    const watermark = createSweepWatermark();
    watermark.from(at(0));
    watermark.completed(at(0));
    expect(watermark.from(at(1))).toEqual(at(-30));
    watermark.completed(at(1));
    expect(watermark.from(at(20))).toEqual(at(-29)); // nineteen seconds of rounds that failed
  });

  it('is the beginning again every minute', () => {
    const watermark = createSweepWatermark();
    watermark.from(at(0));
    for (let second = 0; second < 60; second++) watermark.completed(at(second));
    expect(watermark.from(at(60))).toEqual(fromStart);
    expect(watermark.from(at(61))).toEqual(at(29));
  });
});
