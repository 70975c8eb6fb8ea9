import type { IncomingMessage, ServerResponse } from 'node:http';
import { openApiDocument } from '@gateway/api/src/openapi/openapi.ts';

interface Response {
  content?: Record<string, { examples?: Record<string, unknown> }>;
}
interface Document {
  paths: Record<string, Record<string, { responses: Record<string, Response> }>>;
}

/** Compares the answers of an api with its OpenAPI document. */
export interface DocumentedAnswers {
  /** Notes the answer of this request when the document does not have it: its status, or the code of its problem. */
  watch(request: IncomingMessage, answer: ServerResponse): void;
  /** Each answer that was noted, such as `PUT /stores/{store_id}/orders/{order_id} 409 order_paid`. */
  missing: ReadonlySet<string>;
}

export function createDocumentedAnswers(publicUrl: string): DocumentedAnswers {
  const { paths } = openApiDocument(publicUrl) as Document;
  const operations = Object.entries(paths).map(([path, methods]) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`, 'i'), // as Express compares paths
    methods,
  }));
  const missing = new Set<string>();
  return {
    missing,
    watch: ({ method = '', url = '' }, answer) => {
      const found = operations.find(({ pattern }) => pattern.test(url.split('?', 1)[0] as string));
      const responses = found?.methods[method.toLowerCase()]?.responses;
      if (!responses) return; // no operation of the API: a page, a health check, or a path that does not exist
      const end = answer.end.bind(answer) as (...args: unknown[]) => ServerResponse;
      answer.end = ((...args: unknown[]) => {
        const { statusCode } = answer;
        const problem = responses[statusCode]?.content?.['application/problem+json'];
        const code = statusCode < 400 ? '' : (JSON.parse(String(args[0])) as { code: string }).code;
        const isDocumented = responses[statusCode] && (code === '' || (problem?.examples && code in problem.examples));
        if (!isDocumented) missing.add(`${method} ${found?.path} ${statusCode} ${code}`.trimEnd());
        return end(...args);
      }) as typeof answer.end;
    },
  };
}
