import { Faults, faultRule } from './faults.ts';

describe('a fault rule', () => {
  it('with a probability is applied as the random numbers decide', () => {
    const run = () => {
      const draws = [0.1, 0.9, 0.3, 0.7];
      const faults = new Faults(() => draws.shift() ?? 1);
      faults.add(faultRule.parse({ fault: 'http_500', times: null, probability: 0.5 }));
      return Array.from({ length: 4 }, () => faults.match('create', null) !== null);
    };
    expect(run()).toEqual([true, false, true, false]);
  });

  it('is refused when it is invalid', () => {
    expect(() => faultRule.parse({ fault: 'lag', operation: 'create' })).toThrow(/does not apply/);
    expect(() => faultRule.parse({ fault: 'no_qr', operation: 'refund' })).toThrow(/does not apply/);
    expect(() => faultRule.parse({ fault: 'explode' })).toThrow();
    expect(() => faultRule.parse({ fault: 'slow', times: 0 })).toThrow();
  });
});
