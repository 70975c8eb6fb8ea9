/** An operation of the OpenAPI document. */
export interface Operation {
  method: string;
  /** With names in braces. */
  path: string;
  query: string[];
  headers: string[];
  /** Bodies that the document shows. */
  examples: unknown[];
}

interface Described {
  parameters?: { in: string; name: string }[];
  requestBody?: { content: Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }> };
}

/** All operations of the api, but those that take webhooks. */
export async function operationsOf(api: string): Promise<Operation[]> {
  const document = (await (await fetch(`${api}/openapi.json`)).json()) as { paths: Record<string, Record<string, Described>> };
  return Object.entries(document.paths)
    .filter(([path]) => !path.startsWith('/webhooks/'))
    .flatMap(([path, operations]) => Object.entries(operations).map(([method, described]) => operationOf(method, path, described)));
}

function operationOf(method: string, path: string, { parameters = [], requestBody }: Described): Operation {
  const named = (place: string) => parameters.filter((parameter) => parameter.in === place).map(({ name }) => name);
  const { example, examples = {} } = requestBody?.content['application/json'] ?? {};
  const shown = [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)];
  return {
    method: method.toUpperCase(),
    path,
    query: named('query').filter((name) => name !== 'token' && name !== 'sig'),
    headers: named('header'),
    examples: requestBody && shown.length === 0 ? [{}] : shown,
  };
}
