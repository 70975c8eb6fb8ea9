import type { z } from 'zod';

export interface WrongField {
  path: string;
  message: string;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a list',
};

/** What a schema did not take, field by field, in words that say what to do. Never a value: it may be a secret. */
export function whatIsWrong({ issues }: z.ZodError): WrongField[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return { path: issue.path.join('.'), message: sentenceOf(issue) };
    return issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is no field of this request: leave it out' }));
  });
}

/** What zod says when the schema has no words of its own. */
const zodsOwn = /^(Invalid (input|option)|Too (small|big))/;

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (!zodsOwn.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = kinds[issue.expected] ?? issue.expected;
      return issue.message.endsWith('received undefined') ? `is missing: it must be ${wanted}` : `must be ${wanted}`;
    }
    case 'too_small':
      return `must ${amount(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${amount(issue.origin, 'at most', issue.maximum)}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    default:
      return issue.message;
  }
}

function amount(origin: string, bound: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  return origin === 'array' ? `have ${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}` : `be ${bound} ${limit}`;
}
