import { z } from 'zod';
import { validationErrors } from './validation-errors.ts';

const request = z.strictObject({
  order_id: z.string().min(1).max(200),
  expires_in: z.int().min(60).max(86_400).default(900),
  live: z.enum(['true', 'false']).optional(),
  limit: z.coerce.number().optional(),
  note: z.string('must be text').optional(),
});

const messagesOf = (body: unknown) =>
  validationErrors(request.safeParse(body).error as z.ZodError).map(({ path, message }) => `${path}: ${message}`);

it.each([
  [{}, ['order_id: is missing: it must be a string']],
  [{ order_id: 7 }, ['order_id: must be a string']],
  [{ order_id: '' }, ['order_id: must have at least 1 character']],
  [{ order_id: 'a', expires_in: 59 }, ['expires_in: must be at least 60']],
  [{ order_id: 'a', expires_in: 86_401 }, ['expires_in: must be at most 86400']],
  [{ order_id: 'a', expires_in: 60.5 }, ['expires_in: must be a whole number']],
  [{ order_id: 'a', live: 'perhaps' }, ['live: must be true or false']],
  [{ order_id: 'a', limit: 'many' }, ['limit: must be a number']],
  [{ order_id: 'a', note: 5 }, ['note: must be text']],
  [{ order_id: 'a', table: 4, waiter: 'Budi' }, ['table: unknown field', 'waiter: unknown field']],
  [[], [': must be a JSON object']],
])('the body %j is answered with %j', (body, messages) => expect(messagesOf(body)).toEqual(messages));
