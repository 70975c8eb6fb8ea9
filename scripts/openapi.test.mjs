import { readFileSync } from 'node:fs';
import path from 'node:path';
import { documentOf } from '../packages/client/test/client-types.ts';
import { breakingChanges } from './openapi/breaking-changes.mjs';

const root = path.resolve(import.meta.dirname, '..');
const create = '/transaction/payments';
const bodyOf = (document) => document.components.schemas.CreatePayment;

describe('the OpenAPI document', () => {
  it('breaks no client of the last release', () => {
    const released = JSON.parse(readFileSync(path.join(root, 'docs/openapi-release.json'), 'utf8'));
    expect(breakingChanges(released, documentOf())).toEqual([]);
  });
});

describe('a change of the document', () => {
  it.each([
    ['an operation is removed', (document) => delete document.paths[create].post, 'POST /transaction/payments: was removed'],
    ['a webhook is removed', (document) => delete document.webhooks['payment.paid'], 'webhook POST payment.paid: was removed'],
    [
      'a field of an answer is removed',
      (document) => delete document.components.schemas.Payment.properties.qr_string,
      'answer 201.qr_string was removed',
    ],
    ['a field of a request is removed', (document) => delete bodyOf(document).properties.expires_in, 'body.expires_in was removed'],
    ['a field of a request is required', (document) => bodyOf(document).required.push('expires_in'), 'body.expires_in is required now'],
    ['another scope is needed', (document) => (document.paths[create].post.security = [{ key: ['refunds'] }]), 'security'],
    [
      'a type changes',
      (document) => (document.components.schemas.Payment.properties.amount = { type: 'string' }),
      'answer 201.amount: type integer became string',
    ],
    [
      'a name changes',
      (document) => (document.paths[create].post.operationId = 'makePayment'),
      'operationId createPayment became makePayment',
    ],
  ])('breaks clients when %s', (_what, change, expected) => {
    const after = documentOf();
    change(after);
    expect(breakingChanges(documentOf(), after).join('\n')).toContain(expected);
  });

  it.each([
    ['an operation is added', (document) => (document.paths['/new'] = { get: { operationId: 'getNew', responses: {} } })],
    ['a field of an answer is added', (document) => (document.components.schemas.Payment.properties.note = { type: 'string' })],
    ['an optional field of a request is added', (document) => (bodyOf(document).properties.note = { type: 'string' })],
  ])('breaks no client when %s', (_what, change) => {
    const after = documentOf();
    change(after);
    expect(breakingChanges(documentOf(), after)).toEqual([]);
  });
});
