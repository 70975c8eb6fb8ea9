import { readableMessage, withoutPersonal } from './hide-personal.ts';

describe('a provider’s message on a page', () => {
  it('shows what the money needs, and no text about a person, also in fields that are new', () => {
    const message = {
      transaction_status: 'settlement',
      gross_amount: '55000.00',
      issuer: 'dana',
      customer_details: { first_name: 'Wati', phone: '+628123456789' },
      payer_name: 'Ibu Wati',
      new_field: 'Wati 0812',
      signature_key: 'ab12',
      items: [{ sku: 'MKN-001', name: 'Untuk Ibu Wati', note: 'alergi kacang' }],
      paid: true,
    };
    const shown = readableMessage(Buffer.from(JSON.stringify(message)));
    expect(JSON.parse(shown)).toEqual({
      transaction_status: 'settlement',
      gross_amount: '55000.00',
      issuer: 'dana',
      customer_details: '[hidden]',
      payer_name: '[hidden]',
      new_field: '[hidden]',
      signature_key: '[hidden]',
      items: [{ sku: 'MKN-001', name: '[hidden]', note: '[hidden]' }],
      paid: true,
    });
    expect(shown).not.toMatch(/Wati|628|ab12|kacang/);
  });

  it('shows no secret in a field that is shown, no field whose name is a text, and nothing of what is no JSON', () => {
    expect(withoutPersonal({ reason: 'refused for SB-Mid-server-abcdef123456' })).toEqual({ reason: 'refused for [redacted]' });
    expect(withoutPersonal({ 'Ibu Wati': 1 })).toEqual({ '[hidden]': 1 });
    expect(readableMessage(Buffer.from('Ibu Wati paid'))).toBe('[hidden]');
  });
});
