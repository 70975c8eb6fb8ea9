import type { Request, Response } from 'express';
import { securityHeaders } from './security-headers.ts';

function headersOf(publicUrl: string): Record<string, string> {
  const headers: Record<string, string> = {};
  const res = { setHeader: (name: string, value: string) => Object.assign(headers, { [name]: value }) } as unknown as Response;
  securityHeaders(publicUrl)({} as Request, res, () => {});
  return headers;
}

describe('Strict-Transport-Security', () => {
  it('is sent under an https address, and not under http, where it would lock a till out', () => {
    expect(headersOf('https://pay.example.id')['Strict-Transport-Security']).toBe('max-age=31536000');
    expect(headersOf('http://127.0.0.1:3000')).not.toHaveProperty('Strict-Transport-Security');
  });
});
