import { openApiDocument } from '@gateway/api/src/openapi/openapi.ts';
import generate, { astToString, type OpenAPI3 } from 'openapi-typescript';

/** The document of a shop's gateway: the routes of the local stack are left out. */
export const documentOf = (): OpenAPI3 => structuredClone(openApiDocument('https://pay.example.id')) as OpenAPI3;

const head = '// Generated from the OpenAPI document by openapi-typescript: npm run openapi -- types\n\n';

/** The types of the API, as TypeScript. */
export const clientTypes = async (): Promise<string> => head + astToString(await generate(documentOf(), { alphabetize: true }));
