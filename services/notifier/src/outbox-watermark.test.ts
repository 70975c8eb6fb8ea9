import { manualClock } from '@gateway/shared/runtime';
import { createWatermark, fromStart } from './outbox-watermark.ts';

const nonePending = { id: null, position: null };

describe('the watermark of the outbox', () => {
  const clock = manualClock();

  it('rises at once to the position of the last published event', () => {
    const watermark = createWatermark(clock);
    watermark.published(7);
    watermark.published(5);
    expect(watermark.current).toEqual({ id: 0, position: 7 });
  });

  it('rises to an id only after every transaction that may hold a lower id has ended', () => {
    const watermark = createWatermark(clock);
    watermark.measured({ lowest: nonePending, reached: { id: 100, position: 90 } });
    clock.advance(29_999);
    watermark.measured({ lowest: nonePending, reached: { id: 200, position: 190 } });
    expect(watermark.current).toEqual(fromStart);
    clock.advance(1);
    watermark.measured({ lowest: nonePending, reached: { id: 300, position: 290 } });
    expect(watermark.current).toEqual({ id: 100, position: 90 });
  });

  it('stays below the lowest unpublished event', () => {
    const watermark = createWatermark(clock);
    watermark.measured({ lowest: nonePending, reached: { id: 100, position: 90 } });
    clock.advance(30_000);
    watermark.measured({ lowest: { id: 40, position: 30 }, reached: { id: 200, position: 190 } });
    expect(watermark.current).toEqual({ id: 39, position: 29 });
  });

  it('is lowered by an unpublished event that appears below it', () => {
    const watermark = createWatermark(clock);
    watermark.published(50);
    watermark.measured({ lowest: { id: null, position: 20 }, reached: { id: 60, position: 50 } });
    expect(watermark.current).toEqual({ id: 0, position: 19 });
  });

  it('starts again below every row when it is reset', () => {
    const watermark = createWatermark(clock);
    watermark.published(50);
    watermark.reset();
    expect(watermark.current).toEqual(fromStart);
  });
});
