/** The parts of an OpenAPI document that examples are made from and added to. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  example?: unknown;
  examples?: unknown[];
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}
interface Media {
  schema?: Schema;
  example?: unknown;
  examples?: unknown;
}
interface Operation {
  requestBody?: { content?: Record<string, Media> };
  responses?: Record<string, { content?: Record<string, Media> }>;
}
export interface DocumentParts {
  paths?: Record<string, Record<string, Operation>>;
  webhooks?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

/** Adds an example to each JSON body that has none, made of the examples of its fields. Changes the document. @returns it */
export function withExamples<Document extends DocumentParts>(document: Document): Document {
  const schemas = document.components?.schemas ?? {};
  for (const items of [document.paths, document.webhooks])
    for (const item of Object.values(items ?? {}))
      for (const { requestBody, responses } of Object.values(item))
        for (const { content } of [requestBody, ...Object.values(responses ?? {})].filter((part) => part !== undefined))
          addTo(content?.['application/json'], schemas);
  return document;
}

function addTo(media: Media | undefined, schemas: Record<string, Schema>): void {
  if (media?.schema && media.example === undefined && media.examples === undefined) media.example = exampleOf(media.schema, schemas);
}

function exampleOf(schema: Schema, schemas: Record<string, Schema>): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.examples?.length) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum?.length) return schema.enum[0];
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  if (schema.$ref) return exampleOf(schemas[schema.$ref.replace('#/components/schemas/', '')] ?? {}, schemas);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, schemas)));
  if (Array.isArray(schema.type) && schema.type.includes('null')) return null;
  const choices = schema.anyOf ?? schema.oneOf;
  const choice = choices?.find(({ type }) => type !== 'null');
  if (!choice) return ofType(schema, schemas);
  // What may be null, and does not say what it is otherwise, is null in most answers: a time that has not come yet.
  return choices?.some(({ type }) => type === 'null') && !choice.$ref && choice.type !== 'object' ? null : exampleOf(choice, schemas);
}

function ofType(schema: Schema, schemas: Record<string, Schema>): unknown {
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
  switch (type) {
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, field]) => [name, exampleOf(field, schemas)]));
    case 'array':
      return schema.items ? [exampleOf(schema.items, schemas)] : [];
    case 'string':
      return schema.format === 'date-time' ? '2026-03-02T03:15:01.000Z' : 'text';
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 0, 0);
    case 'boolean':
      return false;
    default:
      return null;
  }
}
