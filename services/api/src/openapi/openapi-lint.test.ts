import { createConfig, lintFromString } from '@redocly/openapi-core';
import { openApiDocument } from './openapi.ts';

describe('the OpenAPI document', () => {
  it('has no finding of the linter', async () => {
    const config = await createConfig({
      extends: ['recommended-strict'],
      rules: {
        'operation-operationId': 'error',
        'operation-operationId-unique': 'error',
        'operation-description': 'off', // the summary says it where there is nothing to add
        'operation-singular-tag': 'error',
        'operation-tag-defined': 'error',
        'no-invalid-media-type-examples': 'error',
        'no-invalid-schema-examples': 'error',
        'no-unused-components': 'error',
        'path-parameters-defined': 'error',
        'security-defined': 'error',
        'tag-description': 'error',
      },
    });
    const source = JSON.stringify(openApiDocument('https://pay.gateway.id'));
    const problems = await lintFromString({ source, config });
    const findings = problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
    expect(findings).toEqual([]);
  });
});
