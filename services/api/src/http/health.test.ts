import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api?.close());

describe('readiness on the public port', () => {
  it('names no order: the warnings are on the metrics port', async () => {
    const answer = await fetch(`${api.url}/health/ready`);
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true, checks: {} }]);
  });
});
