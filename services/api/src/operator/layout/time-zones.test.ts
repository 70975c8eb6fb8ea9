import { localTimeOf, momentOf, zoneName } from './time-zones.ts';

describe('a time zone', () => {
  it('is named as people in Indonesia name it', () => {
    const at = new Date('2026-03-02T03:00:00Z');
    const zones = ['Asia/Jakarta', 'Asia/Pontianak', 'Asia/Makassar', 'Asia/Jayapura', 'UTC'];
    expect(zones.map((zone) => zoneName(zone, at))).toEqual(['WIB', 'WIB', 'WITA', 'WIT', 'UTC']);
  });

  it.each([
    ['2026-03-02T10:00', 'Asia/Jakarta', '2026-03-02T03:00:00.000Z'],
    ['2026-03-02', 'Asia/Jayapura', '2026-03-01T15:00:00.000Z'],
    ['2026-03-29T03:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'], // an hour after its clocks went forward
  ])('tells when its clocks show %s', (local, zone, expected) => {
    const at = momentOf(local, zone);
    expect(at?.toISOString()).toBe(expected);
    expect(localTimeOf(at as Date, zone).startsWith(local)).toBe(true);
  });

  it.each(['', 'yesterday', '2026-13-40', '10:00'])('tells no moment of %j', (text) => expect(momentOf(text, 'Asia/Jakarta')).toBeNull());
});
