import { ErrorWithoutStack } from './error-without-stack.ts';

it('an error that answers a caller captures no stack, because anybody may cause thousands a second; other errors keep theirs', () => {
  class Refused extends ErrorWithoutStack {}
  const refused = new Refused('too many');
  expect([refused.message, refused instanceof Error, refused.stack]).toEqual(['too many', true, 'Error: too many']);
  expect(new Error('a bug').stack).toContain('error-without-stack.test.ts');
});
