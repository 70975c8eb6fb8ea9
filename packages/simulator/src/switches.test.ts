import { readFileSync } from 'node:fs';
import { faultNames } from './faults.ts';
import { Switches, switchesSchema } from './switches.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it.each(Object.keys(switchesSchema.shape))('names the switch %s', (name) => expect(readme).toContain(`\`${name}\``));
  it.each(faultNames)('names the fault %s', (name) => expect(readme).toContain(`\`${name}\``));
});

describe('the switches', () => {
  it('have the defaults that providers.md assumes', () => {
    expect(new Switches().current).toMatchObject({
      cancel_stops_scan: false,
      midtrans_http_status: 'always_200',
      midtrans_refund_window: 'by_issuer',
      xendit_max_amount: 10_000_000,
      xendit_lookup_by_reference: false,
      xendit_honours_idempotency_key: false,
      xendit_retries_after_timeout: false,
      xendit_refund_window: '7_days_partial',
    });
  });

  it('are reset to their values at the start', () => {
    const switches = new Switches({ midtrans_omit_qr_string: true });
    switches.set({ midtrans_omit_qr_string: false, cancel_stops_scan: true });
    expect(switches.current).toMatchObject({ midtrans_omit_qr_string: false, cancel_stops_scan: true });
    switches.reset();
    expect(switches.current).toMatchObject({ midtrans_omit_qr_string: true, cancel_stops_scan: false });
  });
});
