import { withoutPersonal } from './hide-personal.ts';

describe('a record on a page', () => {
  it('shows what the money needs, and no text about a person, also in fields that are new', () => {
    const record = {
      status: 'paid',
      amount: 55_000,
      issuer: 'dana',
      createdAt: '2026-11-27T03:00:00.000Z',
      customer_details: { first_name: 'Wati', phone: '+628123456789' },
      payer_name: 'Ibu Wati',
      new_field: 'Wati 0812',
      signature_key: 'ab12',
      items: [{ sku: 'MKN-001', name: 'Untuk Ibu Wati', note: 'alergi kacang' }],
      paid: true,
    };
    const shown = withoutPersonal(record);
    expect(shown).toEqual({
      status: 'paid',
      amount: 55_000,
      issuer: 'dana',
      createdAt: '2026-11-27T03:00:00.000Z',
      customer_details: '[hidden]',
      payer_name: '[hidden]',
      new_field: '[hidden]',
      signature_key: '[hidden]',
      items: [{ sku: 'MKN-001', name: '[hidden]', note: '[hidden]' }],
      paid: true,
    });
    expect(JSON.stringify(shown)).not.toMatch(/Wati|628|ab12|kacang/);
  });

  it('shows no secret in a field that is shown, and no field whose name is a text', () => {
    expect(withoutPersonal({ reason: 'refused for SB-Mid-server-abcdef123456' })).toEqual({ reason: 'refused for [redacted]' });
    expect(withoutPersonal({ 'Ibu Wati': 1 })).toEqual({ '[hidden]': 1 });
  });
});
