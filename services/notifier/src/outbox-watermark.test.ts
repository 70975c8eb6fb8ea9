import { manualClock } from '@gateway/shared/runtime';
import { createWatermark, fromStart } from './outbox-watermark.ts';

const nonePending = { id: null, position: null };

describe('the floor', () => {
  const clock = manualClock();

  it('rises behind what is told, for turns at once', () => {
    const watermark = createWatermark(clock);
    watermark.published(7);
    watermark.published(5);
    expect(watermark.current).toEqual({ id: 0, position: 7 });
  });

  it('rises for ids only when every transaction that may hold a lower one has ended', () => {
    const watermark = createWatermark(clock);
    watermark.measured({ lowest: nonePending, reached: { id: 100, position: 90 } });
    clock.advance(29_999);
    watermark.measured({ lowest: nonePending, reached: { id: 200, position: 190 } });
    expect(watermark.current).toEqual(fromStart);
    clock.advance(1);
    watermark.measured({ lowest: nonePending, reached: { id: 300, position: 290 } });
    expect(watermark.current).toEqual({ id: 100, position: 90 });
  });

  it('stays below what still waits', () => {
    const watermark = createWatermark(clock);
    watermark.measured({ lowest: nonePending, reached: { id: 100, position: 90 } });
    clock.advance(30_000);
    watermark.measured({ lowest: { id: 40, position: 30 }, reached: { id: 200, position: 190 } });
    expect(watermark.current).toEqual({ id: 39, position: 29 });
  });

  it('comes down to what appears below it', () => {
    const watermark = createWatermark(clock);
    watermark.published(50);
    watermark.measured({ lowest: { id: null, position: 20 }, reached: { id: 60, position: 50 } });
    expect(watermark.current).toEqual({ id: 0, position: 19 });
  });

  it('begins again at the ground after trouble', () => {
    const watermark = createWatermark(clock);
    watermark.published(50);
    watermark.reset();
    expect(watermark.current).toEqual(fromStart);
  });
});
