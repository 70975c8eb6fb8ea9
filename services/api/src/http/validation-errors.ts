import type { z } from 'zod';

export interface FieldError {
  path: string;
  message: string;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a list',
};

/** The invalid fields of a request, each with a message that says what is expected. Never quotes a value: it may be a secret. */
export function validationErrors({ issues }: z.ZodError): FieldError[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return { path: issue.path.join('.'), message: messageOf(issue) };
    return issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'unknown field' }));
  });
}

/** Messages that zod writes when the schema gives none. They speak of zod's types, so callers are given other words. */
const zodDefaultMessage = /^(Invalid (input|option)|Too (small|big))/;

function messageOf(issue: z.core.$ZodIssue): string {
  if (!zodDefaultMessage.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type': {
      const expected = typeNames[issue.expected] ?? issue.expected;
      return issue.message.endsWith('received undefined') ? `is missing: it must be ${expected}` : `must be ${expected}`;
    }
    case 'too_small':
      return `must ${describeLimit(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${describeLimit(issue.origin, 'at most', issue.maximum)}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    default:
      return issue.message;
  }
}

function describeLimit(origin: string, bound: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  return origin === 'array' ? `have ${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}` : `be ${bound} ${limit}`;
}
