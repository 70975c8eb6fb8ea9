import { currentBlock, lifecycleBlock } from './lifecycle-diagram.mjs';

describe('the states of a payment in the README', () => {
  it('are those of the lifecycle table: node scripts/pm.mjs scripts/lifecycle-diagram.mjs writes them', () => {
    expect(currentBlock()).toBe(lifecycleBlock());
  });

  it('show an arrow for each status change, with every event that announces it', () => {
    expect(lifecycleBlock()).toContain('\n  created --> paid: payment.paid, payment.duplicate_paid\n');
  });
});
